import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { Configuration } from '../../contract/configuration.ts'
import { parseDuration } from '../../core/duration.ts'
import { derive, type Live, type Settings } from '../configuration/settings.ts'
import { readBudget, type SlowConsumerBudget } from '../transport/outbox.ts'

/** The configuration of WebSockets with its durations read. */
export interface SocketLimits {
  connections: number
  subscriptions: number
  jsonDepth: number
  pingIntervalMs: number
  /** Undefined where a client that answers no ping is counted, but kept. */
  missedPongs: number | undefined
  sweepMs: number
  /** Returns how much may wait for one client of this endpoint. */
  budgetOf(operation: SocketOperation): SlowConsumerBudget
}

/** The limits as they are now. */
export type LiveSocketLimits = Live<SocketLimits>

export function liveSocketLimits(settings: Settings): LiveSocketLimits {
  return derive(settings, limitsOf)
}

function limitsOf({ http, sockets, quotes, auth }: Configuration): SocketLimits {
  const pingIntervalMs = parseDuration(sockets.pingInterval)
  const budget = readBudget(sockets.slowConsumer)
  const budgetOfQuotes: SlowConsumerBudget = { ...budget, policy: quotes.policy }
  return {
    connections: sockets.connections,
    subscriptions: sockets.subscriptions,
    jsonDepth: http.jsonDepth,
    pingIntervalMs,
    missedPongs: auth.mode === 'strict' ? sockets.missedPongs : undefined,
    // Often enough that nothing comes more than a fifth late, and a token not more than a second.
    sweepMs: Math.min(Math.max(Math.min(pingIntervalMs, budget.budgetAgeMs) / 5, 20), 1000),
    budgetOf: operation => (operation === 'sockets.quotes' ? budgetOfQuotes : budget),
  }
}
