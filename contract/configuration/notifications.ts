import { Type } from 'typebox'
import { closed, distribution } from './value.ts'

export const NotificationsConfiguration = Type.Object(
  {
    push: Type.Enum(['idle', 'interval', 'on_event'], {
      default: 'idle',
      description:
        'When something is pushed: idle, to a client that has been silent for idleMs; interval, on each topic by itself; on_event, when an order event is published.',
    }),
    idleMs: Type.Integer({
      minimum: 1,
      maximum: 86_400_000,
      default: 10_500,
      description: 'Milliseconds a client is silent before push: idle sends it something, and between two of these.',
    }),
    firstIdleMs: Type.Integer({
      minimum: 1,
      maximum: 86_400_000,
      default: 1500,
      description:
        'Milliseconds of silence after a subscription before the first push with push: idle; at most idleMs. After any later frame of the client, idleMs applies.',
    }),
    interval: distribution(
      { type: 'exponential', mean: '5s' },
      'Time between two pushes on a topic with push: interval.',
    ),
    topics: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 100_000,
      description:
        'Topics kept, over all tenants; past it those that nobody has followed for the longest are forgotten, and begin again at 1.',
    }),
  },
  closed,
)
