import { exitCodes } from '../../results/exit-codes.ts'
import type { RunResult } from '../../results/run-result.ts'
import { headlineOf } from '../headline.ts'
import { formatMargin, formatQuantity } from '../quantity.ts'

/** GitHub shows ten errors and ten warnings of a step. */
const MOST_ANNOTATIONS = 10

/**
 * Returns the workflow commands that annotate a step: the verdict if it is bad, and each threshold that failed. An invalid run
 * is a warning, because it says nothing about the target.
 */
export function githubAnnotations(result: RunResult): string[] {
  if (result.exitCode === exitCodes.ok) return []
  const { word, sentence } = headlineOf(result)
  const title = `${result.run.scenario}: ${word.toLowerCase()}`
  const isInvalid = result.exitCode === exitCodes.invalidRun
  const verdict = command(isInvalid ? 'warning' : 'error', title, sentence)
  if (isInvalid) return [verdict]
  const failed = result.thresholds
    .filter(({ state }) => state !== 'passed')
    .map(threshold => {
      const { metric, expression, observed, unit } = threshold
      const seen = observed === undefined ? 'no data' : `${formatQuantity(observed, unit)}, ${formatMargin(threshold)}`
      return command('error', `${metric} ${expression}`, seen)
    })
  return [verdict, ...failed].slice(0, MOST_ANNOTATIONS)
}

function command(level: 'error' | 'warning', title: string, message: string): string {
  return `::${level} title=${escapedProperty(title)}::${escapedMessage(message)}`
}

function escapedMessage(text: string): string {
  return text.toWellFormed().replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapedProperty(text: string): string {
  return escapedMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
