import { Type } from 'typebox'
import { closed, duration } from './value.ts'

export const LedgerConfiguration = Type.Object(
  {
    runs: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 32,
      description: 'Runs kept; past it the oldest is forgotten.',
    }),
    records: Type.Integer({
      minimum: 0,
      maximum: 10_000_000,
      default: 100_000,
      description: 'Single requests kept, over all runs.',
    }),
    consumers: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 20_000,
      description: 'Consumers accounted one by one, per run.',
    }),
    lateAfter: duration('50ms', 'Event-loop delay past which a record is marked late.'),
  },
  closed,
)
