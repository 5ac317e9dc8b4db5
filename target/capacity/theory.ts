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
import type { Gaps } from './gaps.ts'
import type { StationNumbers } from './station-numbers.ts'

/** What queueing theory says of such a station with such arrivals. */
export function theoryOf(numbers: StationNumbers, { rate, squaredVariation: arrivalVariation }: Gaps): StationTheory {
  const serviceVariation = variationOf(numbers)
  if (rate === undefined || arrivalVariation === undefined) return { serviceVariation, predictions: [] }
  const traffic = { arrivalRate: rate, meanService: numbers.service.meanMs, servers: numbers.servers }
  return {
    arrivalsPerSecond: rate * 1000,
    utilisation: utilisation(traffic),
    arrivalVariation,
    serviceVariation,
    predictions: predictions(numbers, traffic, { arrivalVariation, serviceVariation }),
  }
}

function predictions(
  { serviceKind, queueLimit }: StationNumbers,
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

/** JSON knows no infinity: a wait without end is left out. */
function finite(meanWaitMs: number): { meanWaitMs?: number } {
  return Number.isFinite(meanWaitMs) ? { meanWaitMs } : {}
}

/** Kept, as it takes some thousand quantiles to find. */
const variations = new WeakMap<StationNumbers, number>()

function variationOf(numbers: StationNumbers): number {
  const { service, serviceKind } = numbers
  if (serviceKind !== 'G') return serviceKind === 'M' ? 1 : 0
  let variation = variations.get(numbers)
  if (variation === undefined) variations.set(numbers, (variation = squaredVariation(service)))
  return variation
}
