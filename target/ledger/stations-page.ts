import type { StationAccount, StationCounts } from '../../contract/faults/station-report.ts'
import { Histogram } from '../../core/histogram.ts'
import type { StationsBook } from '../exchange/account.ts'
import { HISTOGRAM_BYTES } from './page-memory.ts'

/** Past this many stations of one run the rest is not kept: clients of the control plane may bring ever new ones. */
const MOST_STATIONS = 256

/** Estimate for a station, mostly its two histograms. */
const STATION_BYTES = 2 * HISTOGRAM_BYTES

interface Station {
  counts: StationCounts
  wait: Histogram
  service: Histogram
}

/** Counts the work of stations during a run. */
export class StationsPage implements StationsBook {
  readonly #stations = new Map<string, Station>()
  readonly #hasMemoryFor: (bytes: number) => boolean

  /** @param hasMemoryFor takes so many bytes of the memory budget; returns false when there are none to spare */
  constructor(hasMemoryFor: (bytes: number) => boolean = () => true) {
    this.#hasMemoryFor = hasMemoryFor
  }

  arrived(station: string): void {
    const { counts } = this.#of(station) ?? {}
    if (counts !== undefined) counts.arrived += 1
  }

  served(station: string, waitMs: number, serviceMs: number): void {
    const found = this.#of(station)
    if (found === undefined) return
    found.counts.served += 1
    found.wait.record(waitMs)
    found.service.record(serviceMs)
  }

  lost(station: string, how: Parameters<StationsBook['lost']>[1]): void {
    const { counts } = this.#of(station) ?? {}
    if (counts !== undefined) counts[how] += 1
  }

  report(): StationAccount[] {
    return Array.from(this.#stations, ([station, { counts, wait, service }]) => ({
      station,
      ...counts,
      wait: wait.toJSON(),
      service: service.toJSON(),
    }))
  }

  #of(name: string): Station | undefined {
    let station = this.#stations.get(name)
    if (station === undefined && this.#stations.size < MOST_STATIONS && this.#hasMemoryFor(STATION_BYTES)) {
      const counts = { arrived: 0, served: 0, turnedAway: 0, timedOut: 0, abandoned: 0, released: 0 }
      station = { counts, wait: new Histogram(), service: new Histogram() }
      this.#stations.set(name, station)
    }
    return station
  }
}
