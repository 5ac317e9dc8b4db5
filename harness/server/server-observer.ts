import type { Clock } from '../../core/clock.ts'
import type { MetricSource, SeriesPoint } from './metric-source.ts'

/** A series as it was sampled. */
export interface ObservedSeries {
  place: string
  name: string
  labels: Readonly<Record<string, string>>
  /** The last known one. */
  limit: number | undefined
  /** By the ordinal of the second; undefined where there is none. */
  values: (number | undefined)[]
}

/** How a source was sampled. */
export interface SourceAccount extends Pick<MetricSource, 'kind' | 'place' | 'unmatched' | 'notKept'> {
  /** Samples that were answered, and those that were not, or not in time. */
  answered: number
  failed: number
  /** The first failure. */
  problem: { atMs: number; detail: string } | undefined
}

export interface ObservedServers {
  sources: SourceAccount[]
  series: ObservedSeries[]
}

/** How long the last samples may take when the run is over. */
const ENDED_WITHIN_MS = 1000
/** A last second that is shorter has no sample of its own. */
const SHORTEST_SECOND_MS = 250
const SIGNIFICANT_DIGITS = 6
/** A target under load may take a second or two for a sample. */
const SILENT_WAITS = 4

interface Observed {
  source: MetricSource
  account: SourceAccount
  /** The sample that is under way. */
  asking: Promise<void> | undefined
  /** When it was last heard. */
  heardAt: number
  /** Looks since then that found a sample still under way. */
  waits: number
}

/**
 * Samples the metrics of servers each second, beside the run: what is slow or fails leaves a gap, and never holds up the load. A
 * sample belongs to the second that ended when it was taken.
 */
export class ServerObserver {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #observed: Observed[]
  readonly #series = new Map<string, ObservedSeries>()
  readonly #over = new AbortController()
  #lookedAt: number

  constructor(sources: readonly MetricSource[], { clock, startedAt }: { clock: Clock; startedAt: number }) {
    this.#clock = clock
    this.#startedAt = startedAt
    this.#lookedAt = startedAt
    this.#observed = sources.map(source => ({
      source,
      account: { ...namesOf(source), answered: 0, failed: 0, problem: undefined },
      asking: undefined,
      heardAt: startedAt,
      waits: 0,
    }))
  }

  /** Everything that was sampled so far. It still grows. */
  get series(): readonly ObservedSeries[] {
    return [...this.#series.values()]
  }

  /** Seconds for which nothing has come from the target, if it owes a sample; 0 also if it is not sampled. */
  get targetSilentSeconds(): number {
    const silent = this.#observed.find(({ source, waits }) => source.kind === 'loadcell' && waits >= SILENT_WAITS)
    return silent === undefined ? 0 : Math.floor((this.#clock.now() - silent.heardAt) / 1000)
  }

  /** Samples all sources. @param second ordinal of the second that ends now; −1 at the start, for the rates of the first */
  look(second: number): void {
    this.#lookedAt = this.#clock.now()
    for (const observed of this.#observed) {
      if (observed.asking === undefined) {
        observed.asking = this.#ask(observed, second).finally(() => (observed.asking = undefined))
      } else {
        observed.waits += 1
        this.#fail(observed, 'no answer within a second')
      }
    }
  }

  /**
   * Takes the last sample, and waits for it only for a moment.
   * @param lastSecond ordinal of the last second
   * @param killed ends the wait at once
   */
  async end(lastSecond: number | undefined, killed: AbortSignal): Promise<ObservedServers> {
    const isLong = this.#clock.now() - this.#lookedAt >= SHORTEST_SECOND_MS
    if (lastSecond !== undefined && isLong) this.look(lastSecond)
    const done = new AbortController()
    void Promise.all(this.#observed.flatMap(({ asking = [] }) => asking)).then(() => done.abort())
    await this.#clock.sleep(ENDED_WITHIN_MS, AbortSignal.any([done.signal, killed]))
    await this.close()
    return {
      sources: this.#observed.map(({ source, account }) => ({ ...account, ...namesOf(source) })),
      series: this.#observed.flatMap(({ source: { place } }) =>
        [...this.#series.values()].filter(series => series.place === place),
      ),
    }
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#observed.map(({ source }) => source.close()))
  }

  async #ask(observed: Observed, second: number): Promise<void> {
    const askedAt = this.#clock.now()
    try {
      const points = await observed.source.sample(this.#over.signal)
      const middleMs = (askedAt + this.#clock.now()) / 2 - this.#startedAt
      observed.account.answered += 1
      observed.waits = 0
      observed.heardAt = this.#clock.now()
      this.#keep(observed.source.place, points, Math.max(second, Math.round(middleMs / 1000) - 1))
    } catch (error) {
      this.#fail(observed, (error as Error).message, askedAt)
    }
  }

  #fail({ account }: Observed, detail: string, at = this.#clock.now()): void {
    account.failed += 1
    account.problem ??= { atMs: Math.max(0, Math.round(at - this.#startedAt)), detail }
  }

  #keep(place: string, points: readonly SeriesPoint[], second: number): void {
    for (const { name, labels, value, limit } of points) {
      const key = JSON.stringify([place, name, labels])
      let series = this.#series.get(key)
      if (series === undefined) {
        this.#series.set(key, (series = { place, name, labels, limit, values: [] }))
      }
      if (limit !== undefined) series.limit = limit
      // The first sample of all belongs to no second.
      if (second >= 0 && value !== undefined) series.values[second] = Number(value.toPrecision(SIGNIFICANT_DIGITS))
    }
  }
}

function namesOf({
  kind,
  place,
  unmatched,
  notKept,
}: MetricSource): Pick<MetricSource, 'kind' | 'place' | 'unmatched' | 'notKept'> {
  return { kind, place, unmatched, notKept }
}
