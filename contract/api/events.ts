import { Type } from 'typebox'
import { BatchRequest, BatchResponse, EventEnvelope, PublishResponse } from '../events.ts'
import type { Operation } from '../operation.ts'

const access = { kind: 'bearer', scope: 'events.write' } as const
const tag = 'Events'
const headers = Type.Object({ 'Idempotency-Key': Type.Optional(Type.String({ minLength: 1, maxLength: 256 })) })
const replayed = { 'Idempotent-Replayed': '`true` when this is the answer to an earlier request.' }
const event = {
  event_type: 'order.created',
  event_id: 'evt-1',
  source: 'web-shop',
  timestamp: 1_760_000_000_000,
  partition_key: 'order-1',
  data: { order_id: 'order-1', total: 49.9, currency: 'EUR' },
}

export const eventOperations = {
  'events.publish': {
    method: 'POST',
    path: '/v1/events/publish',
    summary: 'Publishes one event.',
    tag,
    access,
    headers,
    body: { schema: EventEnvelope, examples: { 'an order': event } },
    answers: { 202: { description: 'It is kept, and will be delivered.', schema: PublishResponse, headers: replayed } },
    problems: [
      'invalid_event',
      'unknown_event_type',
      'idempotency_key_reused',
      'idempotency_in_flight',
      'too_many_streams',
      'too_many_tenants',
    ],
  },
  'events.batch': {
    method: 'POST',
    path: '/v1/events/batch',
    summary: 'Publishes many events; what is wrong with some does not refuse the others.',
    tag,
    access,
    headers,
    body: {
      schema: BatchRequest,
      examples: {
        'two events': { stream: 'orders', compression: 'none', events: [event, { ...event, event_id: 'evt-2' }] },
      },
    },
    answers: {
      202: { description: 'What became of each event.', schema: BatchResponse, headers: replayed },
    },
    problems: [
      'batch_rejected',
      'batch_too_large',
      'idempotency_key_reused',
      'idempotency_in_flight',
      'too_many_streams',
      'too_many_tenants',
    ],
  },
} as const satisfies Record<string, Operation>
