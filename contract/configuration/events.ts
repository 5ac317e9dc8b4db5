import { Type } from 'typebox'
import { closed, duration } from './value.ts'

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
