import { slowConsumerPolicies } from '../../../contract/streams.ts'
import { duration } from '../../../core/distributions/value.ts'
import { choice, flag, integer, number, section } from './setting.ts'

/** Limits of what may wait for one client, and the policy once they are reached. */
export function slowConsumer(policyDescription: string) {
  return section({
    policy: choice(slowConsumerPolicies, 'disconnect', policyDescription),
    budgetBytes: integer([1024, 1_073_741_824], 1_048_576, 'Maximum number of bytes that may wait for one client.'),
    budgetAge: duration('30s', 'Maximum time that a frame may wait for its client.'),
    notify: flag(false, 'Tell the client what was dropped when it catches up.'),
  })
}

export const StreamsConfiguration = section({
  partitions: integer([1, 256], 8, 'Partitions of each stream.'),
  historyEvents: integer([1, 10_000_000], 10_000, 'Events kept per stream.'),
  historyBytes: integer([1024, 1_073_741_824], 16_777_216, 'Bytes of events kept per stream.'),
  historyAge: duration('1h', 'Time events are kept.'),
  perTenant: integer([4, 10_000], 64, 'Streams a tenant may have.'),
  tenants: integer(
    [1, 10_000],
    1000,
    'Maximum number of tenants kept. Beyond it, the tenant that has been idle the longest is forgotten, if it has been idle for tenantIdleAge.',
  ),
  tenantIdleAge: duration('1m', 'Time without a request or an open stream after which a tenant may be forgotten.'),
  connections: integer([1, 1_000_000], 20_000, 'Streams open at once.'),
  groups: integer(
    [0, 100_000],
    100,
    'Maximum number of consumer groups without members whose places are kept, per stream. Beyond it, the group that has been empty the longest is forgotten.',
  ),
  groupAge: duration('10m', 'Time for which the places of a consumer group without members are kept.'),
  pollTimeout: duration('30s', 'Default wait of a poll that does not set one.'),
  retry: duration('2s', 'Reconnection delay told to clients.'),
  keepAlive: duration('15s', 'Interval of keep-alive comments on every stream.'),
  idleKeepAlive: duration('5s', 'Time without an event after which a keep-alive comment is sent.'),
  slowConsumer: slowConsumer('What happens when the outbound budget is spent.'),
})

export const EventsConfiguration = section({
  unknownTypes: choice(['accept', 'reject'], 'accept', 'What happens to events of a type without a schema.'),
  idempotency: choice(['lenient', 'strict'], 'lenient', 'strict: an Idempotency-Key with another body is refused.'),
  idempotencyKeys: integer([1, 10_000_000], 50_000, 'Idempotency keys remembered.'),
  batchEvents: integer([1, 100_000], 1000, 'Maximum number of events in a batch.'),
  dedupeEvents: integer([0, 50_000_000], 200_000, 'Event ids remembered per tenant; 0 switches deduplication off.'),
  dedupeWindow: duration('10m', 'Time an event id is remembered.'),
})

export const FeedConfiguration = section({
  orders: number([0, 10_000], 5, 'Ambient order events per second; 0 = off.'),
  inventory: number([0, 10_000], 5, 'Ambient inventory events per second; 0 = off.'),
  pricing: number([0, 10_000], 5, 'Ambient price events per second; 0 = off.'),
})

export const SocketsConfiguration = section({
  connections: integer([1, 1_000_000], 20_000, 'WebSockets open at once.'),
  frameBytes: integer(
    [1024, 16_777_216],
    262_144,
    'Maximum size in bytes of a frame that a client may send. A larger one closes the socket with 1009.',
  ),
  subscriptions: integer(
    [1, 100_000],
    1000,
    'Maximum number of channels, topics, symbols or documents that one connection may follow.',
  ),
  pingInterval: duration('30s', 'Interval of pings from the server.'),
  missedPongs: integer(
    [1, 1000],
    2,
    'Pings that may go unanswered; one more closes the socket in auth.mode strict, and is counted in lenient.',
  ),
  compression: flag(false, 'Use permessage-deflate if the client offers it.'),
  slowConsumer: slowConsumer('What happens when the outbound budget is spent. For quotes, see quotes.policy.'),
})
