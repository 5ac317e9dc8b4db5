import { Type } from 'typebox'
import { closed } from './value.ts'

export const CatalogConfiguration = Type.Object(
  {
    products: Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 1000,
      description: 'Products in the catalog; their ids go from 1 to this.',
    }),
  },
  closed,
)
