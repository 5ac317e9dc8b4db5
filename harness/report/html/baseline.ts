import type { RegressionVerdict, RunResult } from '../../results/run-result.ts'
import { signedChange } from '../comparison.ts'
import { formatQuantity } from '../quantity.ts'
import { breakable, html, type Markup } from './markup.ts'
import { type Column, numeric, section, table } from './table.ts'

const words: Record<RegressionVerdict['state'], string> = {
  passed: '✓ passed',
  failed: '✗ failed',
  unclear: '? cannot tell',
  'no-data': '∅ no data',
}

/** Returns the comparison with the baseline; nothing if there was none. */
export function baseline({ regressions = [] }: RunResult): Markup {
  if (regressions.length === 0) return html``
  const columns: Column<RegressionVerdict>[] = [
    { title: 'State', cell: ({ state }) => html`<span class="state ${state}">${words[state]}</span>` },
    { title: 'May get worse by', kind: 'head', cell: ({ demand }) => html`<code>${breakable(demand)}</code>` },
    numeric('Baseline', ({ base, unit }) => (base === undefined ? '–' : formatQuantity(base, unit))),
    numeric('Observed', ({ observed, unit }) => (observed === undefined ? '–' : formatQuantity(observed, unit))),
    numeric('Change', ({ change, unit }) => (change === undefined ? '–' : signedChange(change, unit))),
    {
      title: '95 % interval',
      cell: ({ interval, unit }) =>
        interval === undefined ? '–' : `${signedChange(interval.low, unit)} to ${signedChange(interval.high, unit)}`,
    },
    numeric('Baseline runs', ({ baselines }) => String(baselines)),
  ]
  const alone = regressions.some(({ baselines }) => baselines < 3)
  return section(
    'baseline',
    'Baseline',
    table('The run and its baseline', columns, regressions),
    alone &&
      html`<p class="aside">One or two baseline runs show too little of the noise between runs, so the change itself decides.</p>`,
  )
}
