import { Type } from 'typebox'
import { closed } from './value.ts'

export const OrdersConfiguration = Type.Object(
  {
    kept: Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      default: 50_000,
      description: 'Orders kept besides the seeded ones, over all tenants; past it the oldest are forgotten.',
    }),
  },
  closed,
)
