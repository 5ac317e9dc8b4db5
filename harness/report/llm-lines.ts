import { formatCount } from '../../core/number-format.ts'
import type { RunResult } from '../results/run-result.ts'
import type { TrendSummary } from '../results/trend-summary.ts'
import { formatPart, formatPercentiles, formatRate } from './quantity.ts'

/** Returns the tokens and times of language models; nothing for a run that asked none. */
export function llmLines({ llm }: RunResult): string[] {
  if (llm === undefined) return []
  const { promptTokens, completionTokens, completionTokensPerSecond, goodput } = llm
  return [
    `${formatCount(promptTokens)} tokens in, ${formatCount(completionTokens)} out · ${formatRate(completionTokensPerSecond)} a second out`,
    ...times('ttft', llm.timeToFirstToken, 'from when due'),
    ...times('gaps', llm.interTokenLatency, 'between tokens'),
    ...(goodput === undefined ? [] : [`goodput  ${goodputText(goodput)}`]),
  ]
}

/** Returns the share of good answers in words. */
export function goodputText({ good, judged }: { good: number; judged: number }): string {
  return `${formatPart(good, judged)} · ${formatCount(good)} of ${formatCount(judged)} answers met the objective`
}

function times(name: string, trend: TrendSummary, meaning: string): string[] {
  if (trend.count === 0) return []
  const figures = formatPercentiles(trend)
    .map(text => text.padEnd(14))
    .join('')
  return [`${name.padEnd(9)}${figures}${meaning}`]
}
