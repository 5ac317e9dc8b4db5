import { type Quote, type QuoteFrame, quoteActions, quoteStreamPrefix } from '../../../contract/sockets/quotes.ts'
import { Market } from '../../domain/quotes/market.ts'
import { acknowledgement } from '../../connections/frame.ts'
import { jsonProtocol } from '../../protocols/json.ts'
import { checkersOf, type Endpoint, type EndpointDependencies, type EndpointSession, type Peer } from '../endpoint.ts'
import { checkName, SocketRefusal } from '../../protocols/refusal.ts'

/** Prices of symbols. A quote is encoded once for all followers of its symbol. */
export class QuotesEndpoint implements Endpoint<typeof quoteActions, QuoteFrame> {
  readonly operation = 'sockets.quotes'
  readonly protocol = jsonProtocol('op')
  readonly checkers = checkersOf(quoteActions)
  readonly #market: Market
  readonly #followers = new Map<string, Set<Peer>>()

  constructor(dependencies: EndpointDependencies) {
    this.#market = new Market({ ...dependencies, onQuote: quote => this.#send(quote) })
    dependencies.lifecycle.onReset('data', () => this.#market.reset())
  }

  onConnect(peer: Peer<QuoteFrame>): EndpointSession<typeof quoteActions> {
    const { subscriptions } = peer
    return {
      on: {
        subscribe: ({ streams, snapshot }) => {
          const asked = this.#symbolsOf(streams)
          for (const symbol of subscriptions.add(asked)) this.#follow(symbol, peer)
          peer.reply({ op: 'subscribed', streams }, acknowledgement(...streams))
          if (snapshot !== true) return
          for (const symbol of asked)
            peer.reply({ type: 'snapshot', ...this.#market.snapshot(symbol) }, acknowledgement())
        },
        unsubscribe: ({ streams }) => {
          for (const symbol of this.#symbolsOf(streams)) if (subscriptions.delete(symbol)) this.#leave(symbol, peer)
          peer.reply({ op: 'unsubscribed', streams }, acknowledgement(...streams))
        },
      },
      onDisconnect: () => {
        for (const symbol of subscriptions) this.#leave(symbol, peer)
      },
    }
  }

  #send(quote: Quote): void {
    const { symbol, sequence } = quote
    const message: QuoteFrame = { type: 'quote', ...quote }
    const about = { kind: 'event', channel: symbol, sequence } as const
    const encoded = this.protocol.encode({ message, about, key: symbol })
    for (const { outlet } of this.#followers.get(symbol) ?? []) outlet.enqueue(encoded)
  }

  #follow(symbol: string, peer: Peer): void {
    const followers = this.#followers.get(symbol)
    if (followers !== undefined) return void followers.add(peer)
    this.#followers.set(symbol, new Set([peer]))
    this.#market.follow(symbol)
  }

  #leave(symbol: string, peer: Peer): void {
    const followers = this.#followers.get(symbol)
    followers?.delete(peer)
    if (followers?.size !== 0) return
    this.#followers.delete(symbol)
    this.#market.rest(symbol)
  }

  /** Returns each symbol once. */
  #symbolsOf(streams: readonly string[]): Set<string> {
    const asked = new Set(streams.map(stream => stream.slice(quoteStreamPrefix.length)))
    for (const symbol of asked) {
      if (this.#market.has(symbol)) continue
      checkName('the symbol of a stream', symbol)
      throw new SocketRefusal('unknown_symbol', `expected a symbol such as NASDAQ:AAPL or NYSE:IBM, got ${symbol}`)
    }
    return asked
  }
}
