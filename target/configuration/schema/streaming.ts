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
        description: 'Bytes that may wait for one client.',
      }),
      budgetAge: duration('30s', 'Time a frame may wait for its client.'),
      notify: Type.Boolean({
        default: false,
        description: 'Tell the client what was dropped once it catches up.',
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
      description: 'Largest frame a client may send; a larger one closes the socket with 1009.',
    }),
    subscriptions: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 1000,
      description: 'Channels, topics, symbols or documents one connection may follow.',
    }),
    pingInterval: duration('30s', 'The server pings this often.'),
    missedPongs: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 2,
      description:
        'Pings that may go unanswered; one more closes the socket in auth.mode strict, and is counted in lenient.',
    }),
    compression: Type.Boolean({
      default: false,
      description: 'permessage-deflate, where the client offers it.',
    }),
    slowConsumer: slowConsumer('What happens when the outbound budget is spent; quotes.policy is the one of quotes.'),
  },
  closed,
)
