import { formatCount } from '../../../core/number-format.ts'
import type { HistoryGroup, RunHistory } from '../../comparison/history.ts'
import { dayOf, groupVerdict, trendMethodOf } from '../history.ts'
import { renderDocument } from '../html/document.ts'
import { moment, pageHeader, tile } from '../html/header.ts'
import { html, type Markup } from '../html/markup.ts'
import { section } from '../html/table.ts'
import { groups } from './groups.ts'

/** Returns the history of runs as one self-contained HTML file, which needs no script. */
export function renderHistory(history: RunHistory): string {
  const newest = history.groups[0]
  return renderDocument({
    title: `History · ${newest?.scenario ?? ''} · Loadcell`,
    main: html`${newest !== undefined && header(history, newest)}${groups(history)}${leftOut(history)}${reading(history)}`,
    footer: `Loadcell ${newest?.conditions['Loadcell'] ?? ''}`,
    data: { seconds: [], marks: [], bands: [], charts: {}, spectrum: { nines: [], series: [] }, recoveries: {} },
    ownStyle: new URL('../comparison-page/comparison.css', import.meta.url),
  })
}

function header({ groups }: RunHistory, newest: HistoryGroup): Markup {
  const { trends, runs, scenario } = newest
  const having = (state: string) => trends.filter(trend => trend.state === state).length
  const [word, tone] =
    having('worse') > 0
      ? ['WORSE', 'failed']
      : having('better') > 0
        ? ['BETTER', 'passed']
        : having('steady') > 0
          ? ['STEADY', 'passed']
          : ['TOO FEW RUNS', 'doubtful']
  const last = runs.at(-1)!
  const changes = trends.flatMap(trend => trend.changes.map(({ run }) => run))
  const latest = changes.length === 0 ? undefined : runs[Math.max(...changes)]
  return pageHeader({
    tone,
    subject: html`<strong>${scenario}</strong> · until ${moment(last.startedAt)}`,
    word,
    sentence: groupVerdict(newest),
    tiles: [
      tile('Runs', formatCount(runs.length), 'same conditions'),
      tile('Statistics', formatCount(trends.length), `${formatCount(having('steady'))} without a change`),
      tile('Got worse', formatCount(having('worse')), 'at the last change'),
      tile('Got better', formatCount(having('better')), 'at the last change'),
      latest === undefined
        ? tile('Latest change', '–', 'none was found')
        : tile('Latest change', `run ${formatCount(runs.indexOf(latest) + 1)}`, dayOf(latest.startedAt)),
      tile('Groups', formatCount(groups.length), 'of conditions'),
    ],
  })
}

function leftOut({ leftOut }: RunHistory): Markup | undefined {
  if (leftOut.length === 0) return undefined
  return section(
    'left-out',
    'Left out',
    html`<ul class="remarks">${leftOut.map(({ reason }) => html`<li>${reason}</li>\n`)}</ul>\n`,
  )
}

function reading(history: RunHistory): Markup {
  return section(
    'reading',
    'How to read this',
    html`<dl class="terms">
<dt>Points, lines and marks</dt>
<dd>Each point is a run, in order of its start and at even distances: point at it to see which. A line is the mean of the runs between two changes, and the area
around it holds about two of three of them. The vertical axis does not begin at zero, but spans at least 10 % of the value.</dd>
<dt>Change</dt>
<dd>${trendMethodOf(history)} One or two runs far off the others are not a change: three must follow.</dd>
<dt>Groups</dt>
<dd>A change of scenario, load, machine, Node or Loadcell changes the numbers, too. So only runs under the same conditions share a line.</dd>
<dt>Drift</dt>
<dd>Where a machine grows slower over weeks, so do its runs. To tell a change of the service from one of the machine, run both releases in turn: <code>loadcell compare --ab</code>.</dd>
</dl>\n`,
  )
}
