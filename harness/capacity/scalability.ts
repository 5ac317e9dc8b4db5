import { type Random, random, randomInteger } from '../../core/random.ts'

/** A state of the service: requests in it at once, and requests that it completes per second. */
export interface ServiceState {
  concurrency: number
  perSecond: number
}

export interface Estimated {
  value: number
  low: number
  high: number
}

/**
 * Gunther's universal scalability law, X(N) = λ·N ÷ (1 + σ·(N − 1) + κ·N·(N − 1)): the throughput with N requests at once. σ is the share
 * of the work that waits for others (contention), κ the work to agree with others (coherency).
 */
export type ScalabilityFit =
  | { state: 'too_few'; reason: string }
  | ({ state: 'fits' | 'does_not_fit' } & ScalabilityParameters)

export interface ScalabilityParameters {
  /** λ: requests per second of a service with one request at a time. */
  single: Estimated
  contention: Estimated
  coherency: Estimated
  /** Root mean square of the relative deviations of the throughput. */
  deviation: number
  level: number
  /** Throughput at its peak; absent if it has none, or none for sure. */
  peak?: { concurrency: number; perSecond: number }
  /** Throughput that no concurrency exceeds: the peak, or the asymptote. Absent if it grows without a limit. */
  ceilingPerSecond?: number
}

type Coefficients = readonly [constant: number, linear: number, square: number]

const FEWEST_STATES = 5
/** Between the smallest concurrency and the largest, as a factor. */
const LEAST_SPAN = 3
const MOST_DEVIATION = 0.1
const RESAMPLES = 400
const LEVEL = 0.95
/** Combinations of the terms: the constant is in all. */
const SUBSETS: readonly (readonly number[])[] = [[0, 1, 2], [0, 1], [0, 2], [0]]

/** Fits the law to states by least squares of relative deviations. Intervals come from a bootstrap over the states. */
export function fitScalability(states: readonly ServiceState[]): ScalabilityFit {
  const usable = states.filter(({ concurrency, perSecond }) => concurrency > 0 && perSecond > 0)
  const loads = usable.map(({ concurrency }) => concurrency)
  const span = Math.max(...loads) / Math.min(...loads)
  if (usable.length < FEWEST_STATES) {
    return {
      state: 'too_few',
      reason: `${usable.length} ${usable.length === 1 ? 'probe' : 'probes'}, and a fit takes at least ${FEWEST_STATES}`,
    }
  }
  if (span < LEAST_SPAN) {
    return {
      state: 'too_few',
      reason: `requests in the service grew by a factor of ${span.toFixed(1)}, and a fit takes ${LEAST_SPAN}`,
    }
  }
  const best = coefficientsOf(usable)
  const draws = Array.from({ length: RESAMPLES }, (_, at) => coefficientsOf(resampled(usable, random(1).fork(at))))
  const estimated = (of: (coefficients: Coefficients) => number): Estimated => {
    const sorted = draws.map(of).sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.round(share * (RESAMPLES - 1))]!
    return { value: of(best), low: at((1 - LEVEL) / 2), high: at((1 + LEVEL) / 2) }
  }
  const deviation = Math.sqrt(
    usable.reduce(
      (sum, { concurrency, perSecond }) => sum + (throughputAt(best, concurrency) / perSecond - 1) ** 2,
      0,
    ) / usable.length,
  )
  const coherency = estimated(([constant, , square]) => square / constant)
  return {
    state: deviation <= MOST_DEVIATION ? 'fits' : 'does_not_fit',
    single: estimated(([constant]) => 1 / constant),
    contention: estimated(([constant, linear]) => linear / constant),
    coherency,
    deviation,
    level: LEVEL,
    ...peakOf(best, coherency.low > 0),
  }
}

/** Returns the throughput that a fit has at a concurrency. */
export function fittedThroughput(
  { single, contention, coherency }: ScalabilityParameters,
  concurrency: number,
): number {
  const others = concurrency - 1
  return (single.value * concurrency) / (1 + contention.value * others + coherency.value * concurrency * others)
}

function throughputAt([constant, linear, square]: Coefficients, concurrency: number): number {
  const others = concurrency - 1
  return concurrency / (constant + linear * others + square * concurrency * others)
}

/** Returns the peak, if it is sure that there is one: with κ near zero, the throughput may as well grow towards a limit. */
function peakOf(coefficients: Coefficients, isSure: boolean): Pick<ScalabilityParameters, 'peak' | 'ceilingPerSecond'> {
  const [constant, linear, square] = coefficients
  if (square > 0) {
    const concurrency = Math.sqrt(Math.max(1, (constant - linear) / square))
    const perSecond = throughputAt(coefficients, concurrency)
    return { ...(isSure && { peak: { concurrency, perSecond } }), ceilingPerSecond: perSecond }
  }
  return linear > 0 ? { ceilingPerSecond: 1 / linear } : {}
}

/**
 * Returns the coefficients of N ÷ X = constant + linear·(N − 1) + square·N·(N − 1), none of them negative. The law is linear in this form,
 * and dividing by N ÷ X makes its deviations those of the throughput, relative to it.
 */
function coefficientsOf(states: readonly ServiceState[]): Coefficients {
  const rows = states.map(({ concurrency, perSecond }) => {
    const scale = perSecond / concurrency
    return [scale, (concurrency - 1) * scale, concurrency * (concurrency - 1) * scale]
  })
  let best: { squares: number; coefficients: Coefficients } | undefined
  for (const subset of SUBSETS) {
    const solved = leastSquares(rows.map(row => subset.map(at => row[at]!)))
    if (solved === undefined || solved.some(value => value < 0) || !(solved[0]! > 0)) continue
    const all = [0, 1, 2].map(at => solved[subset.indexOf(at)] ?? 0)
    const squares = rows.reduce(
      (sum, row) => sum + (row.reduce((fit, value, at) => fit + value * all[at]!, 0) - 1) ** 2,
      0,
    )
    if (best === undefined || squares < best.squares - 1e-12)
      best = { squares, coefficients: [all[0]!, all[1]!, all[2]!] }
  }
  return best?.coefficients ?? [1, 0, 0]
}

/** Solves for the weights that make each row sum to one, by the normal equations; undefined if they are singular. */
function leastSquares(rows: readonly (readonly number[])[]): number[] | undefined {
  const size = rows[0]?.length ?? 0
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size + 1 }, (_, j) => rows.reduce((sum, row) => sum + row[i]! * (row[j] ?? 1), 0)),
  )
  for (let pivot = 0; pivot < size; pivot++) {
    const row = matrix[pivot]!
    const scale = row[pivot]!
    if (Math.abs(scale) < 1e-12) return undefined
    for (let at = pivot; at <= size; at++) row[at]! /= scale
    for (const [other, target] of matrix.entries()) {
      if (other === pivot) continue
      const factor = target[pivot]!
      for (let at = pivot; at <= size; at++) target[at]! -= factor * row[at]!
    }
  }
  return matrix.map(row => row[size]!)
}

function resampled(states: readonly ServiceState[], draws: Random): ServiceState[] {
  return states.map(() => states[randomInteger(draws, states.length)]!)
}
