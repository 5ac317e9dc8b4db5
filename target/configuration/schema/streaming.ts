import { Type } from 'typebox'
import { slowConsumerPolicies } from '../../../contract/streams.ts'
import { duration } from '../../../core/distributions/value.ts'
import { closed } from '../../../core/check.ts'

/** Limits of what may wait for one client, and the policy once they are reached. */
export function slowConsumer(policyDescription: string) {
  return Type.Object(
    {
      policy: Type.Enum([...slowConsumerPolicies], { default: 'disconnect', description: policyDescription }),
      budgetBytes: Type.Integer({
        minimum: 1024,
        maximum: 1_073_741_824,
        default: 1_048_576,
        description: 'Most bytes that may wait for one client.',
      }),
      budgetAge: duration('30s', 'Longest time that a frame may wait for its client.'),
      notify: Type.Boolean({
        default: false,
        description: 'Tell the client what was dropped when it catches up.',
      }),
    },
    closed,
  )
}

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
        'Most tenants kept. Beyond it, the tenant that has been idle the longest is forgotten, if it has been idle for tenantIdleAge.',
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
        'Most consumer groups without members whose places are kept, per stream. Beyond it, the group that has been empty the longest is forgotten.',
    }),
    groupAge: duration('10m', 'Time for which the places of a consumer group without members are kept.'),
    pollTimeout: duration('30s', 'Default wait of a poll that does not set one.'),
    retry: duration('2s', 'Reconnection delay told to clients.'),
    keepAlive: duration('15s', 'Interval of keep-alive comments on every stream.'),
    idleKeepAlive: duration('5s', 'Time without an event after which a keep-alive comment is sent.'),
    slowConsumer: slowConsumer('What happens when the outbound budget is spent.'),
  },
  closed,
)

export const EventsConfiguration = Type.Object(
  {
    unknownTypes: Type.Enum(['accept', 'reject'], {
      default: 'accept',
      description: 'What becomes of event types without a schema.',
    }),
    idempotency: Type.Enum(['lenient', 'strict'], {
      default: 'lenient',
      description: 'strict: an Idempotency-Key with another body is refused.',
    }),
    idempotencyKeys: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 50_000,
      description: 'Idempotency keys remembered.',
    }),
    batchEvents: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: 'Most events in a batch.',
    }),
    dedupeEvents: Type.Integer({
      minimum: 0,
      maximum: 50_000_000,
      default: 200_000,
      description: 'Event ids remembered per tenant; 0 switches deduplication off.',
    }),
    dedupeWindow: duration('10m', 'Time an event id is remembered.'),
  },
  closed,
)

export const FeedConfiguration = Type.Object(
  {
    orders: Type.Number({
      minimum: 0,
      maximum: 10_000,
      default: 5,
      description: 'Ambient order events per second; 0 = off.',
    }),
    inventory: Type.Number({
      minimum: 0,
      maximum: 10_000,
      default: 5,
      description: 'Ambient inventory events per second; 0 = off.',
    }),
    pricing: Type.Number({
      minimum: 0,
      maximum: 10_000,
      default: 5,
      description: 'Ambient price events per second; 0 = off.',
    }),
  },
  closed,
)

export const SocketsConfiguration = Type.Object(
  {
    connections: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20_000,
      description: 'WebSockets open at once.',
    }),
    frameBytes: Type.Integer({
      minimum: 1024,
      maximum: 16_777_216,
      default: 262_144,
      description: 'Largest frame in bytes that a client may send. A larger one closes the socket with 1009.',
    }),
    subscriptions: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: 'Most channels, topics, symbols or documents that one connection may follow.',
    }),
    pingInterval: duration('30s', 'Interval of pings from the server.'),
    missedPongs: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 2,
      description:
        'Pings that may go unanswered; one more closes the socket in auth.mode strict, and is counted in lenient.',
    }),
    compression: Type.Boolean({
      default: false,
      description: 'Use permessage-deflate if the client offers it.',
    }),
    slowConsumer: slowConsumer('What happens when the outbound budget is spent. For quotes, see quotes.policy.'),
  },
  closed,
)
