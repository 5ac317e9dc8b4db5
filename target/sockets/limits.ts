import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { parseDuration } from '../../core/duration.ts'
import { derive, type Live, type Settings } from '../configuration/settings.ts'
import type { PoolLimits } from '../connections/pool.ts'
import { readBudget, type SlowConsumerBudget } from '../connections/outbox.ts'

/** The configuration of WebSockets with parsed durations. */
export interface SocketLimits extends PoolLimits {
  subscriptions: number
  jsonDepth: number
  pingIntervalMs: number
  /** Undefined if a client that answers no pings is counted, but kept. */
  missedPongs: number | undefined
  /** Returns how much may wait for one client of this endpoint. */
  budgetOf(operation: SocketOperation): SlowConsumerBudget
}

/** The current limits. */
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
    retryAfterSeconds: 2,
    subscriptions: sockets.subscriptions,
    jsonDepth: http.jsonDepth,
    pingIntervalMs,
    missedPongs: auth.mode === 'strict' ? sockets.missedPongs : undefined,
    // Often enough that nothing is late by more than a fifth, and a token by more than a second.
    sweepMs: Math.min(Math.max(Math.min(pingIntervalMs, budget.budgetAgeMs) / 5, 20), 1000),
    budgetOf: operation => (operation === 'sockets.quotes' ? budgetOfQuotes : budget),
  }
}
