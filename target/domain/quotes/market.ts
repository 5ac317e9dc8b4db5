import type { Quote } from '../../../contract/sockets/quotes.ts'
import { type Clock, preciseWallTime } from '../../../core/clock.ts'
import type { Random } from '../../../core/random.ts'
import type { Settings } from '../../configuration/settings.ts'
import { Instrument } from './instrument.ts'
import { symbols } from './symbols.ts'

/** Quotes due within this time go out together: a client of many symbols gets one write instead of many. */
const SHORTEST_WAIT_MS = 5
/** Longest time until a changed rate or a newly followed symbol takes effect. */
const LONGEST_WAIT_MS = 50
/** A delay above this and above a period is a stall: quotes that became due meanwhile are skipped instead of sent in a burst. */
const LATEST_MS = 100
/** The golden ratio, whose multiples are spread evenly over [0, 1), however many there are. */
const PHASE_STEP = (Math.sqrt(5) - 1) / 2

export interface MarketDependencies {
  settings: Settings
  clock: Clock
  random: Random
  onQuote: (quote: Quote) => void
}

/** A symbol in the schedule. Its n-th quote is due at origin + (n + phase) periods. */
interface Listing {
  instrument: Instrument
  readonly phase: number
  /** Ordinal of the next quote. */
  next: number
}

/** Quotes each followed symbol at `quotes.rate`; the others stay as they are. */
export class Market {
  readonly #dependencies: MarketDependencies
  readonly #listings: ReadonlyMap<string, Listing>
  readonly #followed = new Set<Listing>()
  #running = false
  #originMs: number
  #perSecond: number

  constructor(dependencies: MarketDependencies) {
    const { settings, clock, random } = dependencies
    this.#dependencies = dependencies
    this.#originMs = clock.now()
    this.#perSecond = settings.current.quotes.rate
    this.#listings = new Map(
      symbols.map((symbol, index) => [
        symbol,
        { instrument: new Instrument(symbol, random), phase: ((index + 1) * PHASE_STEP) % 1, next: 0 },
      ]),
    )
  }

  has(symbol: string): boolean {
    return this.#listings.has(symbol)
  }

  /** Returns the current quote of a symbol. */
  snapshot(symbol: string): Quote {
    return this.#listing(symbol).instrument.quote(preciseWallTime(this.#dependencies.clock))
  }

  /** Quotes a symbol from its next due time on. */
  follow(symbol: string): void {
    const listing = this.#listing(symbol)
    if (this.#followed.has(listing)) return
    this.#followed.add(listing)
    this.#skipUntil(listing, this.#dependencies.clock.now())
    if (!this.#running) void this.#run()
  }

  /** Stops quoting a symbol without followers. */
  rest(symbol: string): void {
    this.#followed.delete(this.#listing(symbol))
  }

  /** Restarts the symbols without followers, so that no client sees a sequence go back. */
  reset(): void {
    for (const listing of this.#listings.values()) {
      const { symbol } = listing.instrument
      if (!this.#followed.has(listing)) listing.instrument = new Instrument(symbol, this.#dependencies.random)
    }
  }

  /** Runs as long as any symbol is followed. */
  async #run(): Promise<void> {
    const { clock } = this.#dependencies
    this.#running = true
    while (this.#followed.size > 0) {
      await clock.sleep(Math.min(Math.max(this.#nextAt - clock.now(), SHORTEST_WAIT_MS), LONGEST_WAIT_MS))
      this.#quoteDue()
    }
    this.#running = false
  }

  #quoteDue(): void {
    const { clock, settings, onQuote } = this.#dependencies
    const now = clock.now()
    const { rate } = settings.current.quotes
    if (rate !== this.#perSecond) this.#startAt(now, rate)
    const ts = preciseWallTime(clock)
    const oldest = now - Math.max(LATEST_MS, 1000 / rate)
    for (const listing of this.#followed) {
      this.#skipUntil(listing, oldest)
      for (; this.#dueAt(listing) <= now; listing.next += 1) {
        listing.instrument.step()
        onQuote(listing.instrument.quote(ts))
      }
    }
  }

  /** Infinity while the rate is 0. */
  #dueAt({ next, phase }: Listing): number {
    return this.#originMs + ((next + phase) * 1000) / this.#perSecond
  }

  get #nextAt(): number {
    let nextAt = Number.POSITIVE_INFINITY
    for (const listing of this.#followed) nextAt = Math.min(nextAt, this.#dueAt(listing))
    return nextAt
  }

  /** Skips the quotes that were due before `time`. */
  #skipUntil(listing: Listing, time: number): void {
    if (this.#dueAt(listing) > time) return
    listing.next = Math.floor(((time - this.#originMs) * this.#perSecond) / 1000 - listing.phase) + 1
  }

  #startAt(now: number, perSecond: number): void {
    this.#originMs = now
    this.#perSecond = perSecond
    for (const listing of this.#listings.values()) listing.next = 0
  }

  #listing(symbol: string): Listing {
    const listing = this.#listings.get(symbol)
    if (listing === undefined) throw new RangeError(`expected a symbol such as NASDAQ:AAPL, got ${symbol}`)
    return listing
  }
}
