import { Type } from '../../core/schema.ts'
import { Maybe, Ping, type PongContent } from './frames.ts'

/** Prefix of the symbol in the name of its stream. */
export const quoteStreamPrefix = 'quotes.'

const Streams = Type.Array(
  Type.String({
    pattern: '^quotes\\.',
    expected: "a stream such as 'quotes.NASDAQ:AAPL'",
  }),
  { minItems: 1, maxItems: 1000 },
)

/** Frames that a client may send to `/ws/quotes`, by `op`. */
export const quoteActions = {
  subscribe: Type.Object({ streams: Streams, snapshot: Maybe(Type.Boolean()) }),
  unsubscribe: Type.Object({ streams: Streams }),
  ping: Ping,
} as const

/** State of a symbol. Its sequence grows by one with every quote, even without followers. */
export interface Quote {
  symbol: string
  bid: number
  ask: number
  last: number
  volume: number
  sequence: number
  /** Milliseconds since the Unix epoch. */
  ts: number
}

export type QuoteFrame =
  | { op: 'subscribed'; streams: string[] }
  | { op: 'unsubscribed'; streams: string[] }
  | ({ op: 'pong' } & PongContent)
  | ({ type: 'snapshot' } & Quote)
  | ({ type: 'quote' } & Quote)
