import { Type } from 'typebox'
import { slowConsumerPolicies } from '../streams.ts'
import { closed } from './value.ts'

export const QuotesConfiguration = Type.Object(
  {
    rate: Type.Number({
      minimum: 0,
      maximum: 1000,
      default: 10,
      description: 'Quotes per second of each symbol that somebody follows; 0 = off.',
    }),
    policy: Type.Enum([...slowConsumerPolicies], {
      default: 'conflate',
      description:
        'What happens when the outbound budget of a client of quotes is spent; conflate keeps the newest of each symbol.',
    }),
  },
  closed,
)
