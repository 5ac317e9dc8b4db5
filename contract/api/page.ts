import type { TSchema } from 'typebox'
import { Type } from '../../core/schema.ts'

export const defaultLimit = 20

/** The query of every list. */
export const pageQuery = {
  page: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'Which page, from 1.', examples: [2] }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100,
      description: `Items on a page. Default: ${defaultLimit}.`,
      examples: [20],
    }),
  ),
}

/** The answer of a list. `next` is the path of the next page. */
export interface Page<T> {
  items: T[]
  page: number
  limit: number
  /** Over all pages. */
  total: number
  next: string | null
}

export function PageOf<S extends TSchema>(item: S) {
  return Type.Object({
    items: Type.Array(item),
    page: Type.Integer(),
    limit: Type.Integer(),
    total: Type.Integer(),
    next: Type.Union([Type.String(), Type.Null()]),
  })
}
