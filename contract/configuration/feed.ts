import { Type } from 'typebox'
import { closed } from './value.ts'

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
