import { builtInVocabulary, type MetricVocabulary } from '../metrics/vocabulary.ts'
import type { Inspector } from '../plan/inspector.ts'
import { readGivenThresholds } from '../plan/read-thresholds.ts'
import type { Threshold } from '../thresholds/threshold.ts'

const FLAG = '--slo'

/**
 * Reads a service level objective: conditions in the syntax of thresholds, separated by commas. Notes conditions that more load does not
 * violate sooner or later, because a search would find nothing.
 */
export function readSlo(
  inspector: Inspector,
  texts: readonly string[],
  vocabulary: MetricVocabulary = builtInVocabulary,
): Threshold[] {
  const conditions = texts.flatMap(splitConditions)
  if (conditions.length === 0) inspector.note(FLAG, "expected a condition such as 'http_req_duration p(95)<200'")
  const slo = readGivenThresholds(inspector, FLAG, conditions, vocabulary)
  for (const condition of slo) {
    const problem = problemOf(condition)
    const { metric, expression } = condition.source
    if (problem !== undefined) inspector.note(`${FLAG} ${JSON.stringify(`${metric} ${expression}`)}`, problem)
  }
  return slo
}

/** Splits at commas, except for those within braces, parentheses and quotes. */
export function splitConditions(text: string): string[] {
  const parts = ['']
  let depth = 0
  let quote: string | undefined
  for (const character of text) {
    if (quote !== undefined) quote = character === quote ? undefined : quote
    else if (depth > 0 && (character === '"' || character === "'")) quote = character
    else if (character === '{' || character === '(') depth += 1
    else if (character === '}' || character === ')') depth -= 1
    if (character === ',' && depth <= 0 && quote === undefined) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts.map(part => part.trim()).filter(part => part !== '')
}

/** Returns why a search cannot use the condition. */
function problemOf({ kind, readings, aggregation, comparison, limit }: Threshold): string | undefined {
  if (limit < 0 || (limit === 0 && (comparison === '<' || kind === 'trend')))
    return 'no load meets a limit below all values: expected a higher one'
  if (kind === 'rate' && (limit > 1 || (limit === 1 && comparison === '>'))) return 'a share is within 0…1'
  if (readings.some(({ phase }) => phase !== undefined)) return 'a probe has one constant load and no phases'
  if (kind === 'gauge') return 'a gauge has only a last value: use a trend, a rate or a counter'
  if (kind === 'trend' && (aggregation === 'min' || aggregation === 'count'))
    return `expected p(N), avg, med or max of a trend, got ${aggregation}`
  if (kind === 'rate' && aggregation !== 'rate')
    return 'expected the rate, because a count depends on the length of a probe'
  const isUpper = comparison === '<' || comparison === '<='
  if (kind === 'counter' && aggregation === 'count' && (isUpper ? limit > 0 : limit !== 0))
    return 'a count depends on the length of a probe: use the rate, or count==0'
  if (kind === 'rate') {
    if (comparison === '!=' || (comparison === '==' && limit !== 0 && limit !== 1))
      return 'expected an upper or a lower limit, rate==0 or rate==1'
    return undefined
  }
  if (isUpper || (comparison === '==' && limit === 0)) return undefined
  return 'expected an upper limit, which more load exceeds sooner or later'
}
