import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'
import { PageOf, pageQuery } from './page.ts'

/** Currency of every price. */
export const currency = 'USD'

export const Product = Type.Object({
  /** From 1. */
  id: Type.Integer(),
  sku: Type.String(),
  name: Type.String(),
  description: Type.String(),
  brand: Type.String(),
  /** A category's slug. */
  category: Type.String(),
  price: Type.Number(),
  currency: Type.String(),
  /** 0…5. */
  rating: Type.Number(),
  reviews: Type.Integer(),
  stock: Type.Integer(),
  tags: Type.Array(Type.String()),
  /** ISO 8601. */
  created_at: Type.String(),
})
export type Product = Static<typeof Product>

export const productSorts = ['popularity', 'price', '-price', 'name', 'rating', 'newest'] as const
export type ProductSort = (typeof productSorts)[number]

const filters = {
  category: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'A category’s slug; an unknown one has no products.',
      examples: ['books'],
    }),
  ),
  min_price: Type.Optional(Type.Number({ minimum: 0, description: 'Minimum price, inclusive.', examples: [10] })),
  max_price: Type.Optional(Type.Number({ minimum: 0, description: 'Maximum price, inclusive.', examples: [200] })),
}
const term = Type.String({ maxLength: 200, description: 'Words to look for.', examples: ['chair'] })

export const ProductQuery = Type.Object({
  ...pageQuery,
  ...filters,
  sort: Type.Optional(
    Type.Enum([...productSorts], {
      description: 'Default: popularity, or the best match first in a search.',
    }),
  ),
  q: Type.Optional(term),
})
export type ProductQuery = Static<typeof ProductQuery>

export const SearchQuery = Type.Object({ ...ProductQuery.properties, q: Type.String({ ...term, minLength: 1 }) })
export type SearchQuery = Static<typeof SearchQuery>

export const ProductPage = PageOf(Product)

export const Category = Type.Object({ slug: Type.String(), name: Type.String(), product_count: Type.Integer() })
export type Category = Static<typeof Category>

export const catalogOperations = operationsOf({ tag: 'Catalog', access: { kind: 'public' } }, {
  'products.list': {
    request: 'GET /api/v1/products',
    summary: 'A page of products, filtered and sorted.',
    query: ProductQuery,
    answers: { 200: { description: 'A page of products.', schema: ProductPage } },
    problems: ['invalid_limit'],
  },
  'products.search': {
    request: 'GET /api/v1/products/search',
    summary: 'Products that match the words, best first.',
    query: SearchQuery,
    answers: { 200: { description: 'A page of products.', schema: ProductPage } },
    problems: ['invalid_limit'],
  },
  'products.get': {
    request: 'GET /api/v1/products/{id}',
    summary: 'One product.',
    parameters: Type.Object({ id: Type.Integer({ examples: [1] }) }),
    headers: Type.Object({ 'If-None-Match': Type.Optional(Type.String()) }),
    answers: {
      200: { description: 'The product.', schema: Product, headers: { ETag: 'Changes with the product.' } },
      304: { description: 'Not modified.', headers: { ETag: 'Of the product.' } },
    },
    problems: ['not_found'],
  },
  'categories.list': {
    request: 'GET /api/v1/categories',
    summary: 'All categories, with how many products each has.',
    answers: {
      200: {
        description: 'The categories.',
        schema: Type.Object({ items: Type.Array(Category), total: Type.Integer() }),
      },
    },
  },
} as const satisfies OperationTable)
