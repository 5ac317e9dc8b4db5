import type { BatchSum } from '../../../../calibration/stations/batch-means.ts'
import type { Distribution } from '../../../../core/distributions/distribution.ts'
import { exponential } from '../../../../core/distributions/closed-form.ts'
import { random } from '../../../../core/random.ts'
import type { StationSettings } from '../../../../target/capacity/station-settings.ts'
import { Station } from '../../../../target/capacity/station.ts'
import { SimulatedTime } from '../../../support/simulated-time.ts'

export function numbers(changes: Partial<StationSettings> & { service: Distribution }): StationSettings {
  return {
    servers: 1,
    serviceKind: 'G',
    queueLimit: 1_000_000,
    discipline: 'fifo',
    timeoutMs: Number.POSITIVE_INFINITY,
    onFull: 'status',
    ...changes,
  }
}

export function stationOf(given: StationSettings, seed = 1): { time: SimulatedTime; station: Station } {
  const time = new SimulatedTime()
  return { time, station: new Station(given, { clock: time, delays: time, random: random(seed) }) }
}

export interface Course {
  station: Station
  waits: BatchSum[]
  losses: BatchSum[]
  /** The length of the queue, integrated over time: visitors × ms. */
  queueArea: number
  lastedMs: number
  /** As the visitors were told. */
  told: { served: number; turnedAway: number; waitMs: number }
}

/** Poisson arrivals at a station, until all of them have left it. */
export function simulate(
  given: StationSettings,
  { perMs, arrivals, seed, batches = 50 }: { perMs: number; arrivals: number; seed: number; batches?: number },
): Course {
  const { time, station } = stationOf(given, seed)
  const chance = random(seed)
  const gap = exponential(1 / perMs)
  const empty = () => Array.from({ length: batches }, () => ({ sum: 0, count: 0 }))
  const [waits, losses] = [empty(), empty()]
  const told = { served: 0, turnedAway: 0, waitMs: 0 }
  let queueArea = 0
  time.onPassing = durationMs => (queueArea += station.queued * durationMs)
  let dueAt = 0
  for (let arrival = 0; arrival < arrivals; arrival++) {
    dueAt += gap.sample(chance.fork('gap', arrival), arrival)
    time.runUntil(dueAt)
    const batch = Math.floor((arrival * batches) / arrivals)
    losses[batch]!.count += 1
    const visit = station.enter({
      drawMs: service => service.sample(chance.fork('service', arrival), arrival),
      served(waitMs) {
        told.served += 1
        told.waitMs += waitMs
        waits[batch]!.sum += waitMs
        waits[batch]!.count += 1
      },
      timedOut() {},
      released() {},
    })
    if (visit !== undefined) continue
    told.turnedAway += 1
    losses[batch]!.sum += 1
  }
  time.runOut()
  return { station, waits, losses, queueArea, lastedMs: time.now(), told }
}
