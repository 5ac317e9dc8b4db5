import { type Quote, type QuoteFrame, quoteActions, quoteStreamPrefix } from '../../../contract/sockets/quotes.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Random } from '../../../core/random.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import { Market } from '../../domain/quotes/market.ts'
import { acknowledgement, type AnswerAbout, pong } from '../../connections/frame.ts'
import { encodeJson } from '../../protocols/json.ts'
import type { Endpoint, Peer, EndpointSession } from '../endpoint.ts'
import { checkName, SocketRefusal } from '../../protocols/refusal.ts'
import { pongOf } from './pong.ts'

export interface QuotesDependencies {
  settings: Settings
  clock: Clock
  random: Random
  lifecycle: Lifecycle
}

/** Prices of symbols. A quote is encoded once for all followers of its symbol. */
export class QuotesEndpoint implements Endpoint<typeof quoteActions> {
  readonly operation = 'sockets.quotes'
  readonly verb = 'op'
  readonly actions = quoteActions
  readonly #clock: Clock
  readonly #market: Market
  readonly #followers = new Map<string, Set<Peer>>()

  constructor(dependencies: QuotesDependencies) {
    this.#clock = dependencies.clock
    this.#market = new Market({ ...dependencies, onQuote: quote => this.#send(quote) })
    dependencies.lifecycle.onReset('data', () => this.#market.reset())
  }

  onConnect(peer: Peer): EndpointSession<typeof quoteActions> {
    const { subscriptions } = peer
    const reply = (frame: QuoteFrame, about: AnswerAbout) => peer.reply(frame, about)
    return {
      on: {
        subscribe: ({ streams, snapshot }) => {
          const asked = this.#symbolsOf(streams)
          for (const symbol of subscriptions.add(asked)) this.#follow(symbol, peer)
          reply({ op: 'subscribed', streams }, acknowledgement(...streams))
          if (snapshot === true)
            for (const symbol of asked) reply({ type: 'snapshot', ...this.#market.snapshot(symbol) }, acknowledgement())
        },
        unsubscribe: ({ streams }) => {
          for (const symbol of this.#symbolsOf(streams)) if (subscriptions.delete(symbol)) this.#leave(symbol, peer)
          reply({ op: 'unsubscribed', streams }, acknowledgement(...streams))
        },
        ping: (ping, sent) => reply({ op: 'pong', ...pongOf(ping, sent, this.#clock) }, pong),
      },
      onDisconnect: () => {
        for (const symbol of subscriptions) this.#leave(symbol, peer)
      },
    }
  }

  #send(quote: Quote): void {
    const { symbol, sequence } = quote
    const frame: QuoteFrame = { type: 'quote', ...quote }
    const encoded = encodeJson({ message: frame, about: { kind: 'event', channel: symbol, sequence }, key: symbol })
    for (const { connection } of this.#followers.get(symbol) ?? []) connection.enqueue(encoded)
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
