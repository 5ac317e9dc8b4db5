import type { StationNow } from '../../../contract/target-page.ts'
import type { StationBook } from '../../capacity/station-book.ts'
import type { Station } from '../../capacity/station.ts'

export const MOST_STATIONS = 8

/** Totals of a station at the previous snapshot. */
interface StationBefore {
  book: StationBook
  arrived: number
  served: number
  lost: number
  busyMs: number
  waits: number
  waitSumMs: number
  serviceSumMs: number
}

/** Rates of stations between snapshots. */
export class StationRates {
  #before = new Map<string, StationBefore>()

  /** @param seconds time since the previous call */
  take(stations: readonly [name: string, station: Station][], seconds: number): StationNow[] {
    const shown = stations.slice(0, MOST_STATIONS)
    const after = new Map(shown.map(([name, station]) => [name, totalsOf(station)]))
    const rates = shown.map(([name, station]) => this.#rates(name, station, after.get(name)!, seconds))
    this.#before = after
    return rates
  }

  #rates(name: string, station: Station, now: StationBefore, seconds: number): StationNow {
    const known = this.#before.get(name)
    // A reset of the ledger begins a new book.
    const before =
      known?.book === now.book
        ? known
        : { ...now, served: 0, arrived: 0, lost: 0, waits: 0, waitSumMs: 0, serviceSumMs: 0 }
    const { settings, busy, queued, book } = station
    const rate = (difference: number) => difference / seconds
    const served = now.served - before.served
    const waits = now.waits - before.waits
    const waitMeanMs = waits > 0 ? (now.waitSumMs - before.waitSumMs) / waits : undefined
    const serviceMeanMs = served > 0 ? (now.serviceSumMs - before.serviceSumMs) / served : undefined
    return {
      name,
      servers: settings.servers,
      busy,
      queued,
      queueLimit: settings.queueLimit,
      arrivedPerSecond: rate(now.arrived - before.arrived),
      servedPerSecond: rate(served),
      lostPerSecond: rate(now.lost - before.lost),
      utilisation: (now.busyMs - before.busyMs) / (seconds * 1000 * settings.servers),
      ...(waitMeanMs !== undefined && { waitMeanMs }),
      ...(waitMeanMs !== undefined && serviceMeanMs !== undefined && { meanMs: waitMeanMs + serviceMeanMs }),
      arrived: book.arrived,
      served: book.served,
      turnedAway: book.turnedAway,
    }
  }
}

function totalsOf({ book, busyMs }: Station): StationBefore {
  const { arrived, served, turnedAway, timedOut, abandoned, wait, service } = book
  return {
    book,
    arrived,
    served,
    lost: turnedAway + timedOut + abandoned,
    busyMs,
    waits: wait.count,
    waitSumMs: wait.sumMs,
    serviceSumMs: service.sumMs,
  }
}
