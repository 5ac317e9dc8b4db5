import type { StationAccount } from '../../contract/faults/station-report.ts'
import { Histogram } from '../../core/histogram.ts'

/** Counts of a station. Every arrival is served, turned away, timed out, abandoned, released, or still present. */
export class StationBook {
  arrived: number
  /** Completed services, including those whose visitor had left. */
  served = 0
  /** Arrivals that found the queue full. */
  turnedAway = 0
  timedOut = 0
  /** Visitors that left while waiting. */
  abandoned = 0
  /** Visitors released when the station was removed. */
  released = 0
  /** Waits of the visitors whose service began. */
  readonly wait = new Histogram()
  /** Service times of the completed services. */
  readonly service = new Histogram()
  readonly arrivals = new Gaps()

  /** @param present number of visitors already at the station; they count as arrived */
  constructor(present = 0) {
    this.arrived = present
  }

  completed(serviceMs: number): void {
    this.served += 1
    this.service.record(serviceMs)
  }

  report(): Omit<StationAccount, 'station'> {
    const { arrived, served, turnedAway, timedOut, abandoned, released, wait, service } = this
    const counts = { arrived, served, turnedAway, timedOut, abandoned, released }
    return { ...counts, wait: wait.toJSON(), service: service.toJSON() }
  }
}

/** The first two moments of the gaps between events. */
export class Gaps {
  #firstAt: number | undefined
  #lastAt = 0
  #count = 0
  #sumOfSquares = 0

  add(at: number): void {
    if (this.#firstAt === undefined) this.#firstAt = at
    else {
      this.#count += 1
      this.#sumOfSquares += (at - this.#lastAt) ** 2
    }
    this.#lastAt = at
  }

  /** Events per ms between the first and the last; undefined until two events differ in time. */
  get rate(): number | undefined {
    const spanMs = this.#lastAt - (this.#firstAt ?? 0)
    return spanMs > 0 ? this.#count / spanMs : undefined
  }

  /** Variance ÷ mean² of the gaps: 0 for a metronome, 1 for a Poisson process. */
  get squaredVariation(): number | undefined {
    const { rate } = this
    return rate === undefined ? undefined : Math.max(0, (this.#sumOfSquares / this.#count) * rate ** 2 - 1)
  }
}
