import type { Exchange } from '../../exchange/exchange.ts'
import type { Injection } from '../injection.ts'
import type { Ending } from './ending.ts'

/** Queues with servers that exchanges pass on their way to the handler. */
export interface Stations {
  /** Resolves when its service is over, when it is turned away, or when the client is gone (`Exchange.onGone`). */
  enter(injection: Injection<'capacity'>, exchange: Exchange): Promise<StationOutcome>
}

export type StationOutcome =
  | { kind: 'passed'; queuedMs: number; servedMs: number }
  | { kind: 'turned_away'; queuedMs: number; ending: Ending }
  | { kind: 'gone' }
