import { Type } from 'typebox'
import { closed } from './value.ts'

export const MemoryConfiguration = Type.Object(
  {
    budgetBytes: Type.Integer({
      minimum: 0,
      maximum: 1_099_511_627_776,
      default: 0,
      description:
        'Bytes that everything clients can make grow may use together; 0: 15 % of the container’s or machine’s memory, at most 30 % of V8’s heap limit.',
    }),
  },
  closed,
)
