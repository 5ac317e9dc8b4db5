import type { Clock } from '../../core/clock.ts'
import type { Concurrency } from './concurrency.ts'
import type { GeneratorMonitor } from './generator-monitor.ts'
import type { Interval, Sink } from './interval.ts'
import type { Observations } from './observations.ts'
import type { Snapshot } from './snapshot.ts'

/** Shortest interval over which a rate is meaningful. */
const SHORTEST_SECOND_MS = 250

/** State of a load that intervals read. */
export interface LoadState {
  readonly users: Concurrency
  readonly offered: number
  readonly endedAt: number | undefined
}

/** Sources of a worker's intervals. */
export interface IntervalSources {
  clock: Clock
  recorder: { readonly snapshot: Snapshot }
  users: Concurrency
  streams: Concurrency
  sockets: Concurrency
  /** All loads together. */
  tally: Pick<LoadState, 'offered'> & { readonly begunUsers: number }
  /** Loads of a run with `loads`. */
  loads?: readonly { name: string; tally: LoadState }[]
  monitor: GeneratorMonitor
  startedAt: number
  worker: number
  sink: Sink
}

/** Cuts a run into intervals of about a second and hands each to the sink. */
export class Intervals {
  readonly #sources: IntervalSources
  #closedAt: number
  #offered = 0
  readonly #offeredByLoad = new Map<string, number>()
  #second = -1

  constructor(sources: IntervalSources) {
    this.#sources = sources
    this.#closedAt = sources.startedAt
  }

  /** Hands over the samples since the last call. @returns the ordinal of the second that ends now. */
  close(now = this.#sources.clock.now()): number {
    const { startedAt, monitor } = this.#sources
    this.#second = Math.max(this.#second + 1, Math.round((now - startedAt) / 1000) - 1)
    this.#hand(now, { generator: monitor.read() })
    return this.#second
  }

  /**
   * Hands over everything since the last second. A rest that is too short for a rate extends the last second; a longer one
   * becomes a second of its own. May be called again when more was recorded.
   */
  end(now: number, observations?: Observations): void {
    const isLong = now - this.#closedAt >= SHORTEST_SECOND_MS
    if (this.#second === -1 || isLong) this.close(now)
    this.#closedAt = Math.max(now, this.#closedAt)
    this.settle(observations)
  }

  /** Hands over the samples since the last call without making the run longer. Before the first second they belong to none. */
  settle(observations?: Observations): void {
    this.#hand(this.#closedAt, observations === undefined ? {} : { observations })
  }

  #hand(now: number, more: Pick<Interval, 'generator' | 'observations'>): void {
    const { recorder, users, streams, sockets, startedAt, worker, sink, tally } = this.#sources
    const { offered, begunUsers } = tally
    recorder.snapshot.lend(delta =>
      sink({
        second: this.#second,
        worker,
        fromMs: this.#closedAt - startedAt,
        toMs: now - startedAt,
        delta,
        offered: offered - this.#offered,
        gauges: { users: users.takePeak(), streams: streams.takePeak(), sockets: sockets.takePeak() },
        present: { streams: streams.now, sockets: sockets.now, begunUsers },
        ...this.#readLoads(),
        ...more,
      }),
    )
    this.#offered = offered
    this.#closedAt = now
  }

  #readLoads(): Pick<Interval, 'loads'> {
    const { loads, startedAt } = this.#sources
    if (loads === undefined) return {}
    return {
      loads: loads.map(({ name, tally: { users, offered, endedAt } }) => {
        const before = this.#offeredByLoad.get(name) ?? 0
        this.#offeredByLoad.set(name, offered)
        const ended = endedAt !== undefined && { endedMs: endedAt - startedAt }
        return { load: name, offered: offered - before, users: users.takePeak(), activeUsers: users.now, ...ended }
      }),
    }
  }
}
