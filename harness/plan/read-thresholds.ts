import { didYouMean } from '../../core/nearest.ts'
import type { Tags } from '../metrics/catalog.ts'
import type { MetricVocabulary } from '../metrics/vocabulary.ts'
import { phaseNames } from '../metrics/phases.ts'
import { parseSelector } from '../thresholds/selector.ts'
import { parseExpression, type Threshold } from '../thresholds/threshold.ts'
import { type FaultsPlan, phasesWithin } from './faults-plan.ts'
import { at, type Inspector } from './inspector.ts'

/** @param load of the thresholds, which then apply to its samples only */
export function readThresholds(
  inspector: Inspector,
  path: string,
  value: unknown,
  vocabulary: MetricVocabulary,
  load?: string,
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
      .map((threshold, index) =>
        load === undefined || threshold === undefined
          ? threshold
          : withinLoad(inspector, at(at(path, metric), index), threshold, load),
      )
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
  vocabulary: MetricVocabulary,
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

/** Returns the threshold for the samples of the load that it is written in. */
function withinLoad(inspector: Inspector, path: string, threshold: Threshold, load: string): Threshold {
  const { readings, source } = threshold
  const other = readings[0].load
  if (other !== undefined)
    inspector.note(path, `expected no tag of a load, got load:${other}: it applies to ${load}, which it is written in`)
  const [first, ...others] = readings.map(reading => ({ ...reading, load })) as [Tags, ...Tags[]]
  const metric = source.metric.trim()
  const tags = /^[^{]*\{([^]*)\}$/.exec(metric)?.[1]?.trim() ?? ''
  const [bare = metric] = metric.split('{')
  return {
    ...threshold,
    source: { ...source, metric: `${bare}{${tags === '' ? '' : `${tags},`}load:${load}}` },
    readings: [first, ...others],
  }
}

/** Tells whether a threshold applies to one of these loads, or to whichever there are. */
export function concernsAny({ readings }: Threshold, loads: readonly string[]): boolean {
  return readings.some(({ load }) => load === undefined || loads.includes(load))
}

/** Notes thresholds of loads that the run does not have. */
export function noteUnknownLoads(
  inspector: Inspector,
  path: string,
  thresholds: readonly Threshold[],
  { all, chosen }: { all: readonly string[]; chosen: readonly string[] },
): void {
  const asked = new Map(thresholds.map(threshold => [threshold.source.metric, threshold]))
  for (const [metric, threshold] of asked) {
    const { load } = threshold.readings[0]
    if (load === undefined || concernsAny(threshold, chosen)) continue
    const there = all.map(quoted).join(', ')
    const detail =
      all.length === 0
        ? 'there are no loads with names: the scenario has one load'
        : all.includes(load)
          ? `the load ${quoted(load)} does not run: --only chose ${chosen.map(quoted).join(', ')}`
          : `there is no load ${quoted(load)}${didYouMean(load, all, quoted)}; there are ${there}`
    inspector.note(at(path, metric), detail)
  }
}

/** Notes thresholds of hosts that the scenario does not declare. */
export function noteUnknownHosts(
  inspector: Inspector,
  path: string,
  thresholds: readonly Threshold[],
  hosts: readonly string[],
): void {
  const asked = new Map(thresholds.map(({ source, readings }) => [source.metric, readings]))
  for (const [metric, readings] of asked) {
    const { host } = readings[0]
    if (host === undefined || readings.some(reading => reading.host === undefined || hosts.includes(reading.host)))
      continue
    const there = hosts.length === 0 ? 'the scenario declares none' : `there are ${hosts.map(quoted).join(', ')}`
    const detail = `there is no host ${quoted(host)}${didYouMean(host, hosts, quoted)}; ${there}`
    inspector.note(at(path, metric), detail)
  }
}

function quoted(text: string): string {
  return JSON.stringify(text)
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
  vocabulary: MetricVocabulary,
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
