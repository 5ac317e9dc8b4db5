import type { StationPrediction, StationTheory } from '../../contract/faults/station-report.ts'
import {
  erlangC,
  finiteQueue,
  meanWaitApproximately,
  meanWaitMarkovian,
  meanWaitOfOneServer,
  offeredLoad,
  squaredVariation,
  type Traffic,
  utilisation,
} from '../../core/queueing.ts'
import type { Gaps } from './station-book.ts'
import type { StationSettings } from './station-settings.ts'

/** Predicts the waits and losses of a station from queueing theory, given its arrivals so far. */
export function theoryOf(settings: StationSettings, { rate, squaredVariation: arrivalVariation }: Gaps): StationTheory {
  const serviceVariation = variationOf(settings)
  if (rate === undefined || arrivalVariation === undefined) return { serviceVariation, predictions: [] }
  const traffic = { arrivalRate: rate, meanService: settings.service.meanMs, servers: settings.servers }
  return {
    arrivalsPerSecond: rate * 1000,
    utilisation: utilisation(traffic),
    arrivalVariation,
    serviceVariation,
    predictions: predictions(settings, traffic, { arrivalVariation, serviceVariation }),
  }
}

function predictions(
  { serviceKind, queueLimit }: StationSettings,
  traffic: Traffic,
  { arrivalVariation, serviceVariation }: { arrivalVariation: number; serviceVariation: number },
): StationPrediction[] {
  const found: StationPrediction[] = []
  const { servers } = traffic
  if (serviceKind === 'M') {
    found.push({
      model: servers === 1 ? 'M/M/1' : 'M/M/c',
      waitShare: erlangC(servers, offeredLoad(traffic)),
      ...finite(meanWaitMarkovian(traffic)),
    })
    const { loss, meanWait } = finiteQueue(traffic, queueLimit)
    found.push({ model: 'M/M/c/K', turnedAwayShare: loss, ...finite(meanWait) })
  } else if (servers === 1) {
    found.push({
      model: serviceKind === 'D' ? 'M/D/1' : 'M/G/1',
      ...finite(meanWaitOfOneServer(traffic, serviceVariation)),
    })
  }
  const approximate = meanWaitApproximately(traffic, arrivalVariation, serviceVariation)
  found.push({ model: 'G/G/c (Allen–Cunneen)', ...finite(approximate) })
  return found
}

/** Omits an infinite wait, which JSON cannot represent. */
function finite(meanWaitMs: number): { meanWaitMs?: number } {
  return Number.isFinite(meanWaitMs) ? { meanWaitMs } : {}
}

/** Cached, because computing one takes some thousand quantiles. */
const variations = new WeakMap<StationSettings, number>()

/** Squared coefficient of variation of the service times. */
export function variationOf(settings: StationSettings): number {
  const { service, serviceKind } = settings
  if (serviceKind !== 'G') return serviceKind === 'M' ? 1 : 0
  let variation = variations.get(settings)
  if (variation === undefined) variations.set(settings, (variation = squaredVariation(service)))
  return variation
}
