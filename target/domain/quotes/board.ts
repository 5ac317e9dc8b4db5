import type { Quote } from '../../../contract/sockets/quotes.ts'
import { Market, type MarketDependencies } from './market.ts'

/** Hears the quotes of the symbols that it follows, in its own protocol. */
export interface QuoteFollower {
  quoted(quote: Quote): void
}

/** The followers of each symbol. They may speak different protocols; the market quotes a symbol while it has any. */
export class QuoteBoard {
  readonly #market: Market
  readonly #followers = new Map<string, Set<QuoteFollower>>()

  constructor(dependencies: Omit<MarketDependencies, 'onQuote'>) {
    this.#market = new Market({ ...dependencies, onQuote: quote => this.#send(quote) })
  }

  has(symbol: string): boolean {
    return this.#market.has(symbol)
  }

  snapshot(symbol: string): Quote {
    return this.#market.snapshot(symbol)
  }

  follow(symbol: string, follower: QuoteFollower): void {
    const followers = this.#followers.get(symbol)
    if (followers !== undefined) return void followers.add(follower)
    this.#followers.set(symbol, new Set([follower]))
    this.#market.follow(symbol)
  }

  leave(symbol: string, follower: QuoteFollower): void {
    const followers = this.#followers.get(symbol)
    followers?.delete(follower)
    if (followers?.size !== 0) return
    this.#followers.delete(symbol)
    this.#market.rest(symbol)
  }

  reset(): void {
    this.#market.reset()
  }

  #send(quote: Quote): void {
    for (const follower of this.#followers.get(quote.symbol) ?? []) follower.quoted(quote)
  }
}
