import { median } from '../../core/median.ts'
import type { StoredResult, StoredSecond } from './compared-run.ts'
import { mergedValue } from './compared-run.ts'
import { hasPercentile, spectrumPercentiles } from '../results/spectrum.ts'

/** The curves of one run, short enough to keep those of many. */
export interface RunCurves {
  /** Response time at each of `spectrumPercentiles` that enough samples have. */
  percentilesMs: number[]
  /** Length of a step of the curves over time, in seconds: a power of two. */
  stepSeconds: number
  /** One for each step; `undefined` where nothing was recorded. */
  requestsPerSecond: (number | undefined)[]
  responseP95Ms: (number | undefined)[]
}

/** The curves of two sides, laid over each other. */
export interface ComparedCurves {
  spectrum: { percentile: number; base: SidePoint; other: SidePoint }[]
  stepSeconds: number
  /** The nth point is that of the nth step. */
  throughput: CurvePoint[]
  p95: CurvePoint[]
}

export interface CurvePoint {
  base: SidePoint | undefined
  other: SidePoint | undefined
}

/** The runs of a side at one point. */
export interface SidePoint {
  median: number
  low: number
  high: number
}

/** Most steps of a curve over time. */
const MOST_STEPS = 256

/** Returns the curves of a run. @throws MalformedHistogram */
export function curvesOf({ run, series, timeline = [] }: StoredResult): RunCurves {
  const response = mergedValue(series, 'http_req_duration', [{}])
  const histogram = response?.kind === 'trend' ? response.histogram : undefined
  const count = histogram?.count ?? 0
  const stepSeconds = stepFor(run.durationMs / 1000)
  return {
    percentilesMs: spectrumPercentiles
      .filter(percentile => hasPercentile(count, percentile))
      .map(percentile => histogram!.percentile(percentile)),
    stepSeconds,
    ...stepsOf(timeline, stepSeconds * 1000),
  }
}

/** Lays the curves of two sides over each other. Pure. */
export function overlaid(base: readonly RunCurves[], other: readonly RunCurves[]): ComparedCurves {
  const runs = [...base, ...other]
  const percentiles = Math.min(...runs.map(({ percentilesMs }) => percentilesMs.length))
  const stepSeconds = Math.max(...runs.map(run => run.stepSeconds))
  const [baseSteps, otherSteps] = [base, other].map(side => side.map(run => inStepsOf(run, stepSeconds)))
  const over = (curve: 'requestsPerSecond' | 'responseP95Ms') => pointsOf(baseSteps!, otherSteps!, curve)
  return {
    spectrum: spectrumPercentiles.slice(0, percentiles).map((percentile, index) => ({
      percentile,
      base: pointOf(base.map(({ percentilesMs }) => percentilesMs[index]!))!,
      other: pointOf(other.map(({ percentilesMs }) => percentilesMs[index]!))!,
    })),
    stepSeconds,
    throughput: over('requestsPerSecond'),
    p95: over('responseP95Ms'),
  }
}

type Steps = Pick<RunCurves, 'requestsPerSecond' | 'responseP95Ms'>

/** Returns the shortest step with which a curve of this length has few enough. */
function stepFor(seconds: number): number {
  let step = 1
  while (step * MOST_STEPS < seconds && step < 2 ** 30) step *= 2
  return step
}

/** Merges seconds into steps. A rate becomes the mean; a percentile becomes the highest, because a mean would hide peaks. */
function stepsOf(timeline: readonly StoredSecond[], stepMs: number): Steps {
  const requests: { sum: number; ms: number }[] = []
  const responseP95Ms: (number | undefined)[] = []
  let fromMs = 0
  for (const { atMs, requestsPerSecond, responseP95Ms: p95 } of timeline) {
    const step = Math.floor((fromMs + atMs) / 2 / stepMs)
    const ms = Math.max(atMs - fromMs, 1)
    fromMs = atMs
    // The last second may end after the run.
    if (step > MOST_STEPS) continue
    const { sum, ms: before } = requests[step] ?? { sum: 0, ms: 0 }
    requests[step] = { sum: sum + requestsPerSecond * ms, ms: before + ms }
    // A second without responses has no time rather than one of zero.
    if (p95 > 0) responseP95Ms[step] = Math.max(responseP95Ms[step] ?? 0, p95)
  }
  return {
    requestsPerSecond: Array.from(requests, step => (step === undefined ? undefined : step.sum / step.ms)),
    responseP95Ms: Array.from(responseP95Ms),
  }
}

/** Returns the curves in longer steps. */
function inStepsOf({ stepSeconds, requestsPerSecond, responseP95Ms }: RunCurves, longer: number): Steps {
  const ratio = longer / stepSeconds
  return {
    requestsPerSecond: merged(requestsPerSecond, ratio, values => values.reduce((a, b) => a + b, 0) / values.length),
    responseP95Ms: merged(responseP95Ms, ratio, values => Math.max(...values)),
  }
}

function merged(
  values: readonly (number | undefined)[],
  ratio: number,
  merge: (values: number[]) => number,
): (number | undefined)[] {
  return Array.from({ length: Math.ceil(values.length / ratio) }, (_, step) => {
    const group = values.slice(step * ratio, (step + 1) * ratio).filter(value => value !== undefined)
    return group.length === 0 ? undefined : merge(group)
  })
}

function pointsOf(base: readonly Steps[], other: readonly Steps[], curve: keyof Steps): CurvePoint[] {
  const steps = Math.max(0, ...[...base, ...other].map(run => run[curve].length))
  const at = (side: readonly Steps[], step: number) => pointOf(side.flatMap(run => run[curve][step] ?? []))
  return Array.from({ length: steps }, (_, step) => ({ base: at(base, step), other: at(other, step) }))
}

/** Returns the median and the range of the values of several runs; undefined without any. */
function pointOf(values: readonly number[]): SidePoint | undefined {
  if (values.length === 0) return undefined
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) }
}
