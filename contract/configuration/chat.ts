import { Type } from 'typebox'
import { closed } from './value.ts'

export const ChatConfiguration = Type.Object(
  {
    channels: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 10_000,
      description:
        'Channels kept, over all tenants; past it those that have been empty the longest are forgotten with their history.',
    }),
    historyMessages: Type.Integer({
      minimum: 0,
      maximum: 100_000,
      default: 100,
      description: 'Messages kept per channel.',
    }),
    historyBytes: Type.Integer({
      minimum: 0,
      maximum: 1_073_741_824,
      default: 16_384,
      description: 'Bytes of messages kept per channel.',
    }),
  },
  closed,
)
