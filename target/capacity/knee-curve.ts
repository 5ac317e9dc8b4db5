import { finiteQueue, meanWaitApproximately } from '../../core/queueing.ts'
import type { StationSettings } from './station-settings.ts'
import { variationOf } from './theory.ts'

const POINTS = 40
/** Rates are shown up to this multiple of the knee. */
const BEYOND = 1.25

/** The mean time at a station by its arrival rate, by queueing theory. */
export interface KneeCurve {
  model: string
  points: { perSecond: number; meanMs: number }[]
}

/**
 * Computes the curve for Poisson arrivals: exactly for exponential services with a bounded queue, which also has values beyond the
 * knee, and by Allen and Cunneen's approximation for other services, which ends before the knee.
 */
export function kneeCurve(settings: StationSettings): KneeCurve {
  const { servers, service, serviceKind, queueLimit } = settings
  const { meanMs } = service
  if (meanMs <= 0) return { model: 'none', points: [] }
  const knee = servers / meanMs
  const isMarkovian = serviceKind === 'M'
  const variation = variationOf(settings)
  const points: KneeCurve['points'] = []
  for (let at = 1; at <= POINTS; at++) {
    const arrivalRate = ((knee * BEYOND) / POINTS) * at
    const traffic = { arrivalRate, meanService: meanMs, servers }
    const waitMs = isMarkovian
      ? finiteQueue(traffic, queueLimit).meanWait
      : meanWaitApproximately(traffic, 1, variation)
    if (Number.isFinite(waitMs)) points.push({ perSecond: arrivalRate * 1000, meanMs: waitMs + meanMs })
  }
  return { model: isMarkovian ? 'M/M/c/K' : 'M/G/c (Allen–Cunneen)', points }
}
