import type { Configuration } from '../configuration/configuration.ts'
import { parseDuration } from '../../core/duration.ts'
import type { Live } from '../configuration/settings.ts'
import { readBudget } from '../connections/outbox.ts'

export type StreamLimits = ReturnType<typeof streamLimits>

/** The current limits. */
export type LiveLimits = Live<StreamLimits>

/** Returns the configuration of streams and events with parsed durations, so that hot paths parse no text. */
export function streamLimits({ streams, events }: Configuration) {
  const retryMs = parseDuration(streams.retry)
  const keepAliveMs = parseDuration(streams.keepAlive)
  const idleKeepAliveMs = parseDuration(streams.idleKeepAlive)
  const slowConsumer = readBudget(streams.slowConsumer)
  const shortestMs = Math.min(keepAliveMs, idleKeepAliveMs, slowConsumer.budgetAgeMs)
  return {
    retention: {
      events: streams.historyEvents,
      bytes: streams.historyBytes,
      ageMs: parseDuration(streams.historyAge),
    },
    perTenant: streams.perTenant,
    tenants: streams.tenants,
    tenantIdleMs: parseDuration(streams.tenantIdleAge),
    connections: streams.connections,
    retryAfterSeconds: Math.ceil(retryMs / 1000),
    // Often enough that no keep-alive is late by more than a fifth.
    sweepMs: Math.min(Math.max(shortestMs / 5, 20), 1000),
    /** Consumer groups without members, per stream. */
    groups: { kept: streams.groups, ageMs: parseDuration(streams.groupAge) },
    pollMs: parseDuration(streams.pollTimeout),
    retryMs,
    keepAliveMs,
    idleKeepAliveMs,
    slowConsumer,
    dedupe: { events: events.dedupeEvents, windowMs: parseDuration(events.dedupeWindow) },
  }
}
