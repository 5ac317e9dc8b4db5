import type { ComparedSide, RunComparison } from '../../comparison/comparison.ts'
import type { ComparedCurves } from '../../comparison/curves.ts'
import { methodOf } from '../comparison.ts'
import { renderDocument } from '../html/document.ts'
import { html, type Markup } from '../html/markup.ts'
import { section, table } from '../html/table.ts'
import { counted } from '../quantity.ts'
import { curveData, curves } from './curves.ts'
import { comparisonAnswer, comparisonHeader, verdicts } from './verdicts.ts'

/** Returns a comparison as one self-contained HTML file. Without scripts, only the charts are missing. */
export function renderComparison(comparison: RunComparison, compared: ComparedCurves): string {
  const { base, other } = comparison
  return renderDocument({
    title: `${comparisonAnswer(comparison).word} · ${other.scenario} · Loadcell`,
    main: html`${comparisonHeader(comparison)}${verdicts(comparison)}${curves(compared)}${runs(comparison)}${reading(comparison)}`,
    footer: `Loadcell · ${counted(base.runs.length, 'base run')}, ${counted(other.runs.length, 'new run')}`,
    data: curveData(compared),
    ownStyle: new URL('./comparison.css', import.meta.url),
  })
}

function runs({ base, other }: RunComparison): Markup {
  const rows = [...rowsOf('base', base), ...rowsOf('new', other)]
  return section(
    'runs',
    'The runs',
    html`<details><summary>${counted(rows.length, 'result')}</summary>${table(
      'The runs that were compared',
      [
        { title: 'Side', kind: 'head', cell: ({ side }) => side },
        { title: 'Result', kind: 'prose', cell: ({ path }) => html`<code>${path}</code>` },
        { title: 'Run', cell: ({ id }) => html`<code>${id}</code>` },
      ],
      rows,
    )}</details>\n`,
  )
}

function rowsOf(side: string, { runs }: ComparedSide) {
  return runs.map(run => ({ side, ...run }))
}

function reading(comparison: RunComparison): Markup {
  return section(
    'reading',
    'How to read this',
    html`<dl class="terms">
<dt>Worse and better</dt>
<dd>The difference is no chance, and its interval says how large it is. ${methodOf(comparison)}</dd>
<dt>No difference</dt>
<dd>The whole interval lies within what does not matter.</dd>
<dt>Cannot tell</dt>
<dd>The runs differ among themselves too much, even if an interval lies beyond zero: among many statistics, some do by chance. The smallest change that runs like these detect in four of five comparisons is given, and how many more rounds detect one
as large as the tolerance.</dd>
<dt>Runs, not requests</dt>
<dd>Requests of one run share its compilers, caches and neighbours. A million of them in one run say nothing about the next run, so repeated runs are the sample.</dd>
</dl>\n`,
  )
}
