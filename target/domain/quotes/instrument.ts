import type { Quote } from '../../../contract/sockets/quotes.ts'
import { type Random, randomInteger } from '../../../core/random.ts'

const LEAST_OPENING_CENTS = 1_000
const MOST_OPENING_CENTS = 60_000
const LEAST_CENTS = 100
/** Largest step of a quote, as a share of the opening price. */
const LARGEST_STEP = 0.001
/** Share of its distance to the opening price by which each quote returns, so that prices stay plausible for days. */
const PULL = 0.001
const MOST_SPREAD_CENTS = 5
const MOST_TRADED = 500

/** The price of one symbol: a seeded random walk. Its n-th quote does not depend on time or followers. */
export class Instrument {
  readonly symbol: string
  readonly #random: Random
  readonly #openingCents: number
  #lastCents: number
  #bidCents: number
  #askCents: number
  #volume = 0
  #sequence = 0

  constructor(symbol: string, random: Random) {
    this.symbol = symbol
    this.#random = random.fork('quotes', symbol)
    const opening = LEAST_OPENING_CENTS * (MOST_OPENING_CENTS / LEAST_OPENING_CENTS) ** this.#random.next()
    this.#openingCents = Math.round(opening)
    this.#lastCents = this.#openingCents
    this.#bidCents = this.#lastCents - 1
    this.#askCents = this.#lastCents + 1
  }

  /** Walks one step. */
  step(): void {
    const random = this.#random
    const pulled = (this.#openingCents - this.#lastCents) * PULL
    const drawn = (2 * random.next() - 1) * Math.max(2, this.#openingCents * LARGEST_STEP)
    this.#lastCents = Math.max(LEAST_CENTS, Math.round(this.#lastCents + pulled + drawn))
    this.#bidCents = this.#lastCents - randomInteger(random, MOST_SPREAD_CENTS)
    this.#askCents = this.#lastCents + 1 + randomInteger(random, MOST_SPREAD_CENTS)
    this.#volume += 1 + randomInteger(random, MOST_TRADED)
    this.#sequence += 1
  }

  /** Returns the current quote. @param ts wall time in ms */
  quote(ts: number): Quote {
    return {
      symbol: this.symbol,
      bid: this.#bidCents / 100,
      ask: this.#askCents / 100,
      last: this.#lastCents / 100,
      volume: this.#volume,
      sequence: this.#sequence,
      ts,
    }
  }
}
