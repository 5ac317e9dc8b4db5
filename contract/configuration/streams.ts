import { Type } from 'typebox'
import { slowConsumer } from './slow-consumer.ts'
import { closed, duration } from './value.ts'

export const StreamsConfiguration = Type.Object(
  {
    partitions: Type.Integer({ minimum: 1, maximum: 256, default: 8, description: 'Partitions of each stream.' }),
    historyEvents: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 10_000,
      description: 'Events kept per stream.',
    }),
    historyBytes: Type.Integer({
      minimum: 1024,
      maximum: 1_073_741_824,
      default: 16_777_216,
      description: 'Bytes of events kept per stream.',
    }),
    historyAge: duration('1h', 'Time events are kept.'),
    perTenant: Type.Integer({
      minimum: 4,
      maximum: 10_000,
      default: 64,
      description: 'Streams a tenant may have.',
    }),
    tenants: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      default: 1000,
      description:
        'Most tenants that are kept; beyond it the one that was idle the longest is forgotten, if it was idle for tenantIdleAge.',
    }),
    tenantIdleAge: duration('1m', 'Time without a request or an open stream after which a tenant may be forgotten.'),
    connections: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20_000,
      description: 'Streams open at once.',
    }),
    groups: Type.Integer({
      minimum: 0,
      maximum: 100_000,
      default: 100,
      description:
        'Consumer groups without members that keep their place, per stream; past it the longest left is forgotten.',
    }),
    groupAge: duration('10m', 'Time a consumer group without members keeps its place.'),
    pollTimeout: duration('30s', 'Time a poll waits that does not say how long.'),
    retry: duration('2s', 'Reconnection delay told to clients.'),
    keepAlive: duration('15s', 'A comment is sent this often.'),
    idleKeepAlive: duration('5s', 'A comment is sent after this long without an event.'),
    slowConsumer: slowConsumer('What happens when the outbound budget is spent.'),
  },
  closed,
)
