import { describe, expect, it } from 'vitest'
import { templatesOf } from '../../../../contract/api/operation.ts'
import { matchOf, operations } from '../../../../contract/api/operations.ts'

const operationOf = (method: string, path: string) => matchOf(method, path)?.operation ?? 'unmatched'

describe('matchOf', () => {
  it('finds every operation under all its spellings', () => {
    for (const [name, operation] of Object.entries(operations)) {
      for (const template of templatesOf(operation)) {
        const path = template.replaceAll(/\{[^}]+\}/g, 'anything')
        expect(matchOf(operation.method, path)).toMatchObject({ operation: name, template })
      }
    }
  })

  it('knows three spellings of each API path, and one of every other path', () => {
    expect(templatesOf(operations['products.get'])).toEqual([
      '/api/v1/products/{id}',
      '/api/products/{id}',
      '/products/{id}',
    ])
    expect(templatesOf(operations['events.publish'])).toEqual(['/v1/events/publish'])
    expect(templatesOf(operations['users.me'])).toContain('/user/profile')
  })

  it('prefers a literal path to a template, serves HEAD as GET, and calls the rest unmatched', () => {
    expect(operationOf('GET', '/v1/streams/notifications')).toBe('streams.notifications')
    expect(operationOf('GET', '/products/search')).toBe('products.search')
    expect(operationOf('HEAD', '/v1/streams/orders')).toBe('streams.read')
    expect(operationOf('GET', '/orders/')).toBe('orders.get')
    expect(operationOf('PUT', '/v1/events/publish')).toBe('unmatched')
    expect(operationOf('GET', '/v1/streams/orders/extra')).toBe('unmatched')
    expect(operationOf('GET', '/xwell-known/jwks.json')).toBe('unmatched')
  })
})
