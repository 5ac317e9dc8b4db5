import type { SocketOperation } from '../../contract/api/sockets.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Live } from '../configuration/settings.ts'
import { readBudget } from '../connections/outbox.ts'

/** The current limits. */
export type LiveSocketLimits = Live<ReturnType<typeof socketLimits>>

/** Returns the configuration of WebSockets with parsed durations. */
export function socketLimits({ http, sockets, quotes, auth, stomp }: Configuration) {
  const pingIntervalMs = parseDuration(sockets.pingInterval)
  const beatMs = (stomp.enabled && parseDuration(stomp.heartbeat)) || pingIntervalMs
  const budget = readBudget(sockets.slowConsumer)
  const budgetOfQuotes = { ...budget, policy: quotes.policy }
  return {
    connections: sockets.connections,
    retryAfterSeconds: 2,
    subscriptions: sockets.subscriptions,
    jsonDepth: http.jsonDepth,
    pingIntervalMs,
    /** Undefined if clients that answer no pings are only counted. */
    missedPongs: auth.mode === 'strict' ? sockets.missedPongs : undefined,
    // Often enough that pings and deadlines are late by at most a fifth, and expired tokens by at most a second.
    sweepMs: Math.min(Math.max(Math.min(pingIntervalMs, beatMs, budget.budgetAgeMs) / 5, 20), 1000),
    /** Returns how much may wait for one client of this endpoint. */
    budgetOf: (operation: SocketOperation) => (operation === 'sockets.quotes' ? budgetOfQuotes : budget),
  }
}
