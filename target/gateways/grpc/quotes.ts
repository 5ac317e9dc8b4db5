import { quotedStart } from '../../../core/quoted-start.ts'
import type { Quote } from '../../../contract/sockets/quotes.ts'
import { acknowledgement, type Frame } from '../../connections/frame.ts'
import type { QuoteBoard, QuoteFollower } from '../../domain/quotes/board.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { Streams } from '../../streams/streams.ts'
import { ChannelFollower } from '../channel-follower.ts'
import type { GrpcCalls } from './calls.ts'
import type { ItemProtocol } from './item-protocol.ts'

const MOST_SYMBOLS = 1000

export interface GrpcQuotesDependencies {
  calls: GrpcCalls
  streams: Streams
  board: QuoteBoard
  protocol: ItemProtocol
}

/** Serves the prices of symbols: the same quotes and sequences as over the WebSocket. */
export function serveQuotes({ calls, streams, board, protocol }: GrpcQuotesDependencies): void {
  const encode = quoteEncoder(protocol)

  calls.unary('grpc.quote', ['loadcell.v1.QuoteRequest', 'loadcell.v1.Quote'], message => {
    const { symbol } = message as { symbol: string }
    checkSymbol(symbol)
    return board.snapshot(symbol)
  })

  calls.serve('grpc.quotes', call => {
    calls.one(call, 'loadcell.v1.FollowRequest', message => {
      const { symbols: asked, snapshot } = message as { symbols: string[]; snapshot: boolean }
      const symbols = [...new Set(asked)]
      if (symbols.length === 0 || symbols.length > MOST_SYMBOLS) {
        throw new ProblemError('invalid_request', `symbols: expected 1…${MOST_SYMBOLS}, got ${symbols.length}`)
      }
      for (const symbol of symbols) checkSymbol(symbol)
      const follower = new ChannelFollower(symbols, quotesName)
      const listener: QuoteFollower = { quoted: quote => follower.offer(quote.symbol, encode(quote)) }
      streams.openSource(
        { ...calls.opening(call), tenant: streams.tenant(call.exchange.tenant), protocol },
        {
          names: symbols.map(quotesName),
          resumed: false,
          placeOf: ({ channel, sequence }) => `${channel}@${sequence}`,
          check: () => {},
          follow: (connection, book) => {
            follower.follow(connection, book)
            return {
              start: () => {
                for (const symbol of snapshot ? symbols : []) {
                  connection.enqueue(protocol.frame({ snapshot: board.snapshot(symbol) }, acknowledgement()))
                }
                for (const symbol of symbols) board.follow(symbol, listener)
              },
              end: () => {
                for (const symbol of symbols) board.leave(symbol, listener)
              },
            }
          },
          abandon: () => {},
        },
      )
    })
  })

  function checkSymbol(symbol: string): void {
    if (board.has(symbol)) return
    const got = quotedStart(symbol)
    throw new ProblemError('unknown_symbol', `expected a symbol such as NASDAQ:AAPL or NYSE:IBM, got ${got}`)
  }
}

/** Name of a symbol among the streams of the ledger. */
function quotesName(symbol: string): string {
  return `quotes:${symbol}`
}

/** The last frame is remembered, because all followers get a quote in turn. */
function quoteEncoder(protocol: ItemProtocol): (quote: Quote) => Frame {
  let last: Quote | undefined
  let frame: Frame | undefined
  return quote => {
    if (quote === last) return frame as Frame
    last = quote
    const about = { kind: 'event', channel: quotesName(quote.symbol), sequence: quote.sequence } as const
    return (frame = protocol.frame({ quote }, about, quote.symbol))
  }
}
