import type { Static, TObject } from 'typebox'
import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'
import { Name } from '../name.ts'
import { Maybe } from '../sockets/frames.ts'

const Identifier = Type.Union([Type.String({ minLength: 1, maxLength: 256 }), Type.Integer()])
const PartitionKey = Type.Union(
  [
    Type.String({ minLength: 1, maxLength: 256 }),
    Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
    Type.Null(),
  ],
  {
    description: 'Events of one key stay in order. A number is the same key as its digits.',
    expected: 'text with 1…256 characters, or a whole number of at most 2^53',
  },
)
const Money = Type.Number({ minimum: 0 })
const open = { additionalProperties: true }

/**
 * Schemas of `data`, by event type. Fields are optional and objects open, so that scripts written against another shop's
 * API run here; a field that is present must have its type.
 */
export const eventData = {
  'order.created': Type.Object(
    {
      order_id: Type.Optional(Identifier),
      customer_id: Type.Optional(Identifier),
      items: Type.Optional(
        Type.Array(
          Type.Object(
            {
              product_id: Type.Optional(Identifier),
              sku: Type.Optional(Identifier),
              quantity: Type.Optional(Type.Number({ minimum: 0 })),
              unit_price: Type.Optional(Money),
            },
            open,
          ),
        ),
      ),
      total: Type.Optional(Money),
      currency: Type.Optional(Type.String({ minLength: 1, maxLength: 8 })),
    },
    open,
  ),
  'order.updated': Type.Object({ order_id: Type.Optional(Identifier), status: Type.Optional(Type.String()) }, open),
  'inventory.updated': Type.Object(
    {
      product_id: Type.Optional(Identifier),
      sku: Type.Optional(Identifier),
      warehouse_id: Type.Optional(Identifier),
      quantity: Type.Optional(Type.Number()),
    },
    open,
  ),
  'price.changed': Type.Object(
    {
      product_id: Type.Optional(Identifier),
      sku: Type.Optional(Identifier),
      old_price: Type.Optional(Money),
      new_price: Type.Optional(Money),
      currency: Type.Optional(Type.String({ minLength: 1, maxLength: 8 })),
    },
    open,
  ),
  'telemetry.reading': Type.Object(
    { device_id: Type.Optional(Identifier), metric: Type.Optional(Type.String()) },
    open,
  ),
  'chat.message': Type.Object({ text: Type.Optional(Type.String()), sender_id: Type.Optional(Identifier) }, open),
} as const satisfies Record<string, TObject>

/** An event as clients send it. */
export const EventEnvelope = Type.Object(
  {
    event_type: Name,
    event_id: Type.String({ minLength: 1, maxLength: 256 }),
    source: Maybe(Type.String({ maxLength: 256 })),
    timestamp: Type.Optional(
      Type.Union([Type.Number({ minimum: 0 }), Type.String({ maxLength: 64 }), Type.Null()], {
        description: 'When it happened at its source: milliseconds since the Unix epoch, or ISO 8601.',
        expected: 'a number of milliseconds from 0 on, or a text',
      }),
    ),
    partition_key: Type.Optional(PartitionKey),
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  open,
)
/** An event with its key as text. */
export type EventEnvelope = Omit<Static<typeof EventEnvelope>, 'partition_key'> & { partition_key?: string }

export const PublishResponse = Type.Object({
  event_id: Type.String(),
  stream: Type.String(),
  partition: Type.Integer(),
  offset: Type.Integer(),
  /** Milliseconds since the Unix epoch. */
  accepted_at: Type.Number(),
  duplicate: Type.Optional(Type.Boolean()),
})
export type PublishResponse = Static<typeof PublishResponse>

/** Events are checked one by one, so that one bad event does not refuse its batch. */
export const BatchRequest = Type.Object(
  {
    stream: Type.Optional(Name),
    /** The sender's own note on its compression. Only `Content-Encoding` decides how the body is unpacked. */
    compression: Type.Optional(Type.Union([Type.Literal('none'), Type.Literal('gzip')])),
    events: Type.Array(Type.Unknown(), { minItems: 1 }),
  },
  open,
)
export type BatchRequest = Static<typeof BatchRequest>

export const BatchResponse = Type.Object({
  batch_id: Type.String(),
  accepted_count: Type.Integer(),
  rejected_count: Type.Integer(),
  duplicate_count: Type.Integer(),
  rejected: Type.Array(
    Type.Object({
      index: Type.Integer(),
      event_id: Type.Optional(Type.String()),
      code: Type.String(),
      detail: Type.String(),
    }),
  ),
})
export type BatchResponse = Static<typeof BatchResponse>

/** An event as a stream delivers it: the event itself and its position. */
export interface DeliveredEvent {
  event_type: string
  event_id: string
  source?: string
  timestamp?: number | string | null
  partition_key?: string
  data: Record<string, unknown>
  stream: string
  partition: number
  offset: number
  /** When the target accepted it, milliseconds since the Unix epoch. */
  published_at: number
}

/** `source` of the events of the ambient feed. */
export const feedSource = 'loadcell-feed'

/** Returns the stream of an event: by its type, else that of the batch, else the first word of its type. */
export function streamOf(eventType: string, batchStream?: string): string {
  if (eventType.startsWith('order.')) return 'orders'
  if (eventType.startsWith('inventory.')) return 'inventory'
  if (eventType.startsWith('price.')) return 'pricing'
  if (batchStream !== undefined) return batchStream
  const family = (eventType.split('.', 1)[0] as string).toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}_-]/gu, '-')
  // Cut by code points, because a lone surrogate is not part of any name.
  return family === '' ? 'events' : Array.from(family).slice(0, 64).join('')
}

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

export const eventOperations = operationsOf({ tag: 'Events', access: { kind: 'bearer', scope: 'events.write' } }, {
  'events.publish': {
    request: 'POST /v1/events/publish',
    summary: 'Publishes one event.',
    headers,
    body: { schema: EventEnvelope, examples: { 'an order': event } },
    answers: { 202: { description: 'Accepted; it will be delivered.', schema: PublishResponse, headers: replayed } },
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
    request: 'POST /v1/events/batch',
    summary: 'Publishes many events. Invalid events do not affect the others.',
    headers,
    body: {
      schema: BatchRequest,
      examples: {
        'two events': { stream: 'orders', compression: 'none', events: [event, { ...event, event_id: 'evt-2' }] },
      },
    },
    answers: {
      202: { description: 'The outcome of each event.', schema: BatchResponse, headers: replayed },
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
} as const satisfies OperationTable)

/** Outcomes of events that a mutation of GraphQL or a frame of STOMP published. Both ends count by it. */
export interface PublishedCounts {
  accepted: number
  duplicate: number
  rejected: number
}
