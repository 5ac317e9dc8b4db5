import { type Quote, type QuoteFrame, quoteActions, quoteStreamPrefix } from '../../../contract/sockets/quotes.ts'
import { QuoteBoard, type QuoteFollower } from '../../domain/quotes/board.ts'
import { acknowledgement, type Frame } from '../../connections/frame.ts'
import { jsonProtocol } from '../../protocols/json.ts'
import { checkersOf, type Endpoint, type EndpointDependencies, type EndpointSession, type Peer } from '../endpoint.ts'
import { checkName, SocketRefusal } from '../../protocols/refusal.ts'

/** Prices of symbols. A quote is encoded once for all followers of its symbol. */
export class QuotesEndpoint implements Endpoint<typeof quoteActions, QuoteFrame> {
  readonly operation = 'sockets.quotes'
  readonly protocol = jsonProtocol('op')
  readonly checkers = checkersOf(quoteActions)
  readonly #board: QuoteBoard
  #quote: Quote | undefined
  #frame: Frame | undefined

  constructor(dependencies: EndpointDependencies, board = new QuoteBoard(dependencies)) {
    this.#board = board
    dependencies.lifecycle.onReset('data', () => this.#board.reset())
  }

  onConnect(peer: Peer<QuoteFrame>): EndpointSession<typeof quoteActions> {
    const { subscriptions } = peer
    const follower: QuoteFollower = { quoted: quote => peer.outlet.enqueue(this.#encode(quote)) }
    return {
      on: {
        subscribe: ({ streams, snapshot }) => {
          const asked = this.#symbolsOf(streams)
          for (const symbol of subscriptions.add(asked)) this.#board.follow(symbol, follower)
          peer.reply({ op: 'subscribed', streams }, acknowledgement(...streams))
          if (snapshot !== true) return
          for (const symbol of asked)
            peer.reply({ type: 'snapshot', ...this.#board.snapshot(symbol) }, acknowledgement())
        },
        unsubscribe: ({ streams }) => {
          for (const symbol of this.#symbolsOf(streams)) {
            if (subscriptions.delete(symbol)) this.#board.leave(symbol, follower)
          }
          peer.reply({ op: 'unsubscribed', streams }, acknowledgement(...streams))
        },
      },
      onDisconnect: () => {
        for (const symbol of subscriptions) this.#board.leave(symbol, follower)
      },
    }
  }

  /** The last frame is remembered, because all followers get a quote in turn. */
  #encode(quote: Quote): Frame {
    if (this.#quote === quote) return this.#frame as Frame
    this.#quote = quote
    const message: QuoteFrame = { type: 'quote', ...quote }
    const about = { kind: 'event', channel: quote.symbol, sequence: quote.sequence } as const
    return (this.#frame = this.protocol.encode({ message, about, key: quote.symbol }))
  }

  /** Returns each symbol once. */
  #symbolsOf(streams: readonly string[]): Set<string> {
    const asked = new Set(streams.map(stream => stream.slice(quoteStreamPrefix.length)))
    for (const symbol of asked) {
      if (this.#board.has(symbol)) continue
      checkName('the symbol of a stream', symbol)
      throw new SocketRefusal('unknown_symbol', `expected a symbol such as NASDAQ:AAPL or NYSE:IBM, got ${symbol}`)
    }
    return asked
  }
}
