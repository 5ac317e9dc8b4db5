import { didYouMean } from '../../core/nearest.ts'
import type { Vocabulary } from '../metrics/vocabulary.ts'
import { phaseNames } from '../metrics/phases.ts'
import { parseSelector } from '../thresholds/selector.ts'
import { parseExpression, type Threshold } from '../thresholds/threshold.ts'
import { type FaultsPlan, phasesWithin } from './faults-plan.ts'
import { at, type Inspector } from './inspector.ts'

export function readThresholds(
  inspector: Inspector,
  path: string,
  value: unknown,
  vocabulary: Vocabulary,
): Threshold[] {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    inspector.expected(path, "an object such as { http_req_failed: ['rate<0.01'] }", value)
    return []
  }
  return Object.entries(value).flatMap(([metric, conditions]) =>
    inspector
      .list(at(path, metric), conditions)
      .map((condition, index) => readThreshold(inspector, at(at(path, metric), index), vocabulary, metric, condition))
      .filter(threshold => threshold !== undefined),
  )
}

/** A metric with or without tags, then its condition. */
const METRIC_AND_CONDITION = /^\s*([^{\s]+(?:\s*\{[^]*\})?)(?:\s+|(?<=\}))([^{}]*\S)\s*$/

/** Reads thresholds of the command line, such as `http_req_duration{name:/orders} p(95)<200`. */
export function readGivenThresholds(
  inspector: Inspector,
  flag: string,
  given: readonly string[],
  vocabulary: Vocabulary,
): Threshold[] {
  return given
    .map(text => {
      const path = `${flag} ${JSON.stringify(text)}`
      const [, metric, condition] = METRIC_AND_CONDITION.exec(text) ?? []
      if (metric !== undefined && condition !== undefined)
        return readThreshold(inspector, path, vocabulary, metric, condition)
      inspector.note(path, "expected a metric and a condition, such as 'http_req_duration p(95)<200'")
      return undefined
    })
    .filter(threshold => threshold !== undefined)
}

/** Notes thresholds of phases that the run never reaches. Otherwise they would be reported only at its end. */
export function noteUnknownPhases(
  inspector: Inspector,
  path: string,
  thresholds: readonly Threshold[],
  { faults, plannedMs }: { faults: FaultsPlan | undefined; plannedMs: number },
): void {
  const timeline = faults?.timeline
  const phases = timeline === undefined ? [] : phaseNames(phasesWithin(timeline, plannedMs))
  const asked = new Map(thresholds.map(({ source, readings }) => [source.metric, readings]))
  for (const [metric, readings] of asked) {
    const { phase } = readings[0]
    if (readings.some(reading => reading.phase === undefined || phases.includes(reading.phase))) continue
    if (phase === undefined) continue
    const there = phases.map(name => JSON.stringify(name)).join(', ')
    const hint = didYouMean(phase, phases, JSON.stringify)
    const detail =
      timeline === undefined
        ? 'there are no phases: the run has no timeline of faults'
        : `there is no phase ${JSON.stringify(phase)} before the end of the run${hint}; there are ${there}`
    inspector.note(at(path, metric), detail)
  }
}

function readThreshold(
  inspector: Inspector,
  path: string,
  vocabulary: Vocabulary,
  source: string,
  value: unknown,
): Threshold | undefined {
  const fields =
    typeof value === 'string'
      ? { threshold: value }
      : inspector.fields(path, value, ['threshold', 'abortOnFail', 'delayAbortEval'])
  const { threshold: expression, abortOnFail, delayAbortEval } = fields as Record<string, unknown>
  const text = inspector.text(typeof value === 'string' ? path : at(path, 'threshold'), expression)
  if (text === '') return undefined
  try {
    const { metric, readings } = parseSelector(source, vocabulary)
    return {
      source: { metric: source, expression: text },
      metric,
      readings,
      ...parseExpression(metric, text, vocabulary),
      abortOnFail: abortOnFail === undefined ? false : inspector.boolean(at(path, 'abortOnFail'), abortOnFail),
      delayAbortEvalMs:
        delayAbortEval === undefined ? 0 : inspector.durationMs(at(path, 'delayAbortEval'), delayAbortEval),
    }
  } catch (error) {
    inspector.note(path, (error as RangeError).message)
    return undefined
  }
}
