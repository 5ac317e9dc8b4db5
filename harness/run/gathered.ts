import type { Clock } from '../../core/clock.ts'
import { skewsOf } from '../metrics/fan-out-receipts.ts'
import type { Interval, Present, Sink } from '../metrics/interval.ts'
import type { LoadSlice } from '../metrics/load-seconds.ts'
import { Measurements } from '../metrics/measurements.ts'
import { type Mark, nothingObserved } from '../metrics/observations.ts'
import type { Failure } from '../metrics/recorder.ts'
import { SnapshotRecorder } from '../metrics/snapshot-recorder.ts'

/** State of a load over all workers. */
export interface LoadNow {
  users: number
  isOver: boolean
}

/** Everything that the coordinator knows of a phase of a run: the intervals of its workers, and what happened to itself. */
export class Gathered {
  readonly clock: Clock
  /** Monotonic ms. */
  readonly startedAt: number
  readonly measurements = new Measurements()
  readonly marks: Mark[] = []
  /** Failures of the coordinator, until they are added to the measurements. */
  readonly #own: SnapshotRecorder
  readonly #sink: Sink
  /** By worker. */
  readonly #present = new Map<number, Present>()
  readonly #loads = new Map<number, readonly LoadSlice[]>()

  /**
   * @param conceal removes secrets from an example
   * @param sink receives all that is gathered
   */
  constructor(clock: Clock, startedAt: number, conceal: (example: string) => string, sink: Sink = () => {}) {
    this.#sink = sink
    this.clock = clock
    this.startedAt = startedAt
    this.#own = new SnapshotRecorder(clock, startedAt, undefined, [], conceal)
  }

  /** Adds an interval of a worker. */
  add(interval: Interval): void {
    this.#keep(interval)
    const { worker, present, loads } = interval
    if (present !== undefined) this.#present.set(worker, present)
    if (loads !== undefined) this.#loads.set(worker, loads)
  }

  /** Forgets what a lost worker was doing. What it measured still counts. */
  leave(worker: number): void {
    this.#present.delete(worker)
    this.#loads.delete(worker)
  }

  /**
   * Returns how long the loads lasted, by the clocks of the workers that drove them.
   * @param isWhole whether all workers could say so; otherwise the phase lasted until now.
   */
  lastedMs(isWhole: boolean): number {
    const measuredMs = this.measurements.seconds.at(-1)?.toMs
    return isWhole && measuredMs !== undefined ? measuredMs : Math.max(0, this.clock.now() - this.startedAt)
  }

  fail(failure: Failure): void {
    this.#own.fail(failure)
  }

  /** Adds what happened to the coordinator since the last call to the latest second, or to none before the first. */
  settle(): void {
    this.#own.snapshot.lend(delta => {
      if (delta.errors.rows().length > 0) this.#addOwn({ delta })
    })
  }

  /** Adds the rest at the end of the run, with the marks. */
  end(): void {
    this.#own.snapshot.lend(delta => this.#addOwn({ delta, observations: { ...nothingObserved, marks: this.marks } }))
    // Thresholds judge them, too. Only now is it known which worker received an event first, and which last.
    const { receipts } = this.measurements.observations
    if (receipts.events.size > 0) this.#addOwn({ delta: skewsOf(receipts) })
  }

  /** Returns the sum over all workers, as of their last intervals. */
  get present(): Present {
    const sum = { streams: 0, sockets: 0, begunUsers: 0 }
    for (const { streams, sockets, begunUsers } of this.#present.values()) {
      sum.streams += streams
      sum.sockets += sockets
      sum.begunUsers += begunUsers
    }
    return sum
  }

  /** Returns the state of a load. It is over when it is for all workers. */
  load(name: string): LoadNow {
    const slices = [...this.#loads.values()].flatMap(loads => loads.find(({ load }) => load === name) ?? [])
    return {
      users: slices.reduce((sum, { activeUsers }) => sum + activeUsers, 0),
      isOver: slices.length > 0 && slices.every(({ endedMs }) => endedMs !== undefined),
    }
  }

  #keep(interval: Interval): void {
    this.measurements.add(interval)
    this.#sink(interval)
  }

  #addOwn({ delta, observations }: Pick<Interval, 'delta' | 'observations'>): void {
    const latest = this.measurements.seconds.at(-1)
    const { second, fromMs, toMs } = latest ?? { second: -1, fromMs: 0, toMs: 0 }
    this.#keep({
      second,
      // It adds nothing to the numbers of this worker.
      worker: 0,
      fromMs,
      toMs,
      delta,
      offered: 0,
      gauges: { users: 0, streams: 0, sockets: 0 },
      ...(observations !== undefined && { observations }),
    })
  }
}
