import type { RunResult } from '../../results/run-result.ts'
import { exposedResult } from '../exposition/exposed-run.ts'
import { familiesOf } from '../exposition/families.ts'
import { exposedText } from '../exposition/text.ts'

/** Returns the run in the text format of OpenMetrics 1.0. Times are in seconds; each trend is a summary. */
export function openMetrics(result: RunResult): string {
  return exposedText(familiesOf(exposedResult(result)), { format: 'openmetrics', histograms: false })
}
