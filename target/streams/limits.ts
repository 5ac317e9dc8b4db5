import type { Configuration } from '../configuration/configuration.ts'
import { parseDuration } from '../../core/duration.ts'
import { derive, type Live, type Settings } from '../configuration/settings.ts'
import type { PoolLimits } from '../connections/pool.ts'
import { readBudget, type SlowConsumerBudget } from '../connections/outbox.ts'
import type { Retention } from './history.ts'

/** The configuration of streams and events with parsed durations, so that hot paths parse no text. */
export interface StreamLimits extends PoolLimits {
  retention: Retention
  perTenant: number
  tenants: number
  tenantIdleMs: number
  /** Consumer groups without members, per stream. */
  groups: { kept: number; ageMs: number }
  pollMs: number
  retryMs: number
  keepAliveMs: number
  idleKeepAliveMs: number
  slowConsumer: SlowConsumerBudget
  dedupe: { events: number; windowMs: number }
}

/** The current limits. */
export type LiveLimits = Live<StreamLimits>

export function liveLimits(settings: Settings): LiveLimits {
  return derive(settings, limitsOf)
}

function limitsOf({ streams, events }: Configuration): StreamLimits {
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
    groups: { kept: streams.groups, ageMs: parseDuration(streams.groupAge) },
    pollMs: parseDuration(streams.pollTimeout),
    retryMs,
    keepAliveMs,
    idleKeepAliveMs,
    slowConsumer,
    dedupe: { events: events.dedupeEvents, windowMs: parseDuration(events.dedupeWindow) },
  }
}
