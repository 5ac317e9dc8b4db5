import type { HistoryGroup, RunHistory } from '../../comparison/history.ts'
import type { StatisticTrend, TrendChange } from '../../comparison/trend.ts'
import { changeOf, differenceLine, signedChange, signedInterval } from '../comparison.ts'
import { groupTitle, groupVerdict, minuteOf, trendSigns } from '../history.ts'
import { breakable, html, type Markup } from '../html/markup.ts'
import { type Column, section, table } from '../html/table.ts'
import { formatQuantity } from '../quantity.ts'
import { trendChart } from './trend-chart.ts'

/** Returns a section for each group: its changes, then a chart for each statistic. */
export function groups({ groups, differences }: RunHistory): Markup {
  const names = groups.map((group, index) =>
    groups.length === 1 ? groupTitle(group) : `Group ${index + 1}, ${groupTitle(group)}`,
  )
  return html`${groups.length > 1 && conditions(groups.length, differences)}${groups.map((group, index) => groupSection(group, index, names[index]!))}`
}

function conditions(count: number, differences: RunHistory['differences']): Markup {
  return section(
    'conditions',
    'Conditions',
    html`<p>Runs under different conditions are not compared. There are ${count} groups:</p>
<ul class="remarks">${differences.map(difference => html`<li>${differenceLine(difference)}</li>\n`)}</ul>\n`,
  )
}

function groupSection(group: HistoryGroup, index: number, title: string): Markup {
  const { trends, runs } = group
  const changed = trends.filter(({ changes }) => changes.length > 0)
  const unchanged = trends.filter(({ changes }) => changes.length === 0)
  return section(
    `group-${index + 1}`,
    title,
    html`<p>${groupVerdict(group)}</p>\n`,
    changed.length > 0 && changeTable(group, changed),
    changed.length > 0 && html`<div class="trends">${changed.map(trend => trendFigure(trend, group))}</div>\n`,
    unchanged.length > 0 &&
      html`<details${changed.length === 0 && index === 0 && html` open`}><summary>${unchanged.length} ${unchanged.length === 1 ? 'statistic' : 'statistics'} without a change</summary>
<div class="trends">${unchanged.map(trend => trendFigure(trend, group))}</div></details>\n`,
    html`<details><summary>The runs</summary>${runTable(runs)}</details>\n`,
  )
}

const tones: Record<StatisticTrend['state'], string> = {
  worse: 'failed',
  better: 'passed',
  steady: '',
  'too-few': 'doubtful',
}

interface ChangeRow {
  trend: StatisticTrend
  change: TrendChange
}

function changeTable({ runs }: HistoryGroup, trends: readonly StatisticTrend[]): Markup {
  const columns: Column<ChangeRow>[] = [
    {
      title: 'Change',
      cell: ({ change: { state } }) => html`<span class="state ${tones[state]}">${trendSigns[state]} ${state}</span>`,
    },
    { title: 'Statistic', kind: 'head', cell: ({ trend }) => html`<code>${breakable(trend.statistic)}</code>` },
    { title: 'By', kind: 'number', cell: ({ trend, change }) => signedChange(change.change, trend.unit) },
    {
      title: '95 % interval',
      cell: ({ trend: { unit }, change: { interval } }) => signedInterval(interval, unit),
    },
    { title: 'From', cell: ({ change }) => minuteOf(runs[change.run]!.startedAt) },
    {
      title: 'First run',
      kind: 'prose',
      cell: ({ change }) => {
        const { path, tags } = runs[change.run]!
        return html`<code>${path}</code>${Object.entries(tags).map(([key, value]) => html` ${key}=${value}`)}`
      },
    },
  ]
  const rows = trends
    .flatMap(trend => trend.changes.map((change): ChangeRow => ({ trend, change })))
    .sort((a, b) => b.change.run - a.change.run)
  return table('Changes, the newest first', columns, rows)
}

function trendFigure(trend: StatisticTrend, { runs }: HistoryGroup): Markup {
  const { statistic, state, levels, unit, noise } = trend
  const last = levels.at(-1)
  return html`<figure class="trend-figure">
<figcaption><strong><span class="state ${tones[state]}">${trendSigns[state]}</span><code>${breakable(statistic)}</code></strong>
<span>${last !== undefined && formatQuantity(last.value, unit)}${noise !== undefined && `, ±${changeOf(noise, unit)} between runs`}</span></figcaption>
${trendChart(trend, runs)}</figure>
`
}

function runTable(runs: HistoryGroup['runs']): Markup {
  return table(
    'The runs in order of their start',
    [
      { title: 'Start, UTC', kind: 'head', cell: ({ startedAt }) => minuteOf(startedAt) },
      { title: 'Result', kind: 'prose', cell: ({ path }) => html`<code>${path}</code>` },
      {
        title: 'Tags',
        kind: 'prose',
        cell: ({ tags }) =>
          Object.entries(tags)
            .map(([key, value]) => `${key}=${value}`)
            .join(', '),
      },
    ],
    runs,
  )
}
