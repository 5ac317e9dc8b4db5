import type { Configuration } from '../configuration/configuration.ts'
import { parseDuration } from '../../core/duration.ts'
import { derive, type Live, type Settings } from '../configuration/settings.ts'
import { readBudget, type SlowConsumerBudget } from '../connections/outbox.ts'
import type { Retention } from './history.ts'

/** The configuration of streams and events with parsed durations, so that hot paths parse no text. */
export interface StreamLimits {
  retention: Retention
  perTenant: number
  tenants: number
  tenantIdleMs: number
  connections: number
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
    groups: { kept: streams.groups, ageMs: parseDuration(streams.groupAge) },
    pollMs: parseDuration(streams.pollTimeout),
    retryMs: parseDuration(streams.retry),
    keepAliveMs: parseDuration(streams.keepAlive),
    idleKeepAliveMs: parseDuration(streams.idleKeepAlive),
    slowConsumer: readBudget(streams.slowConsumer),
    dedupe: { events: events.dedupeEvents, windowMs: parseDuration(events.dedupeWindow) },
  }
}
