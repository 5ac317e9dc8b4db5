import { describe, expect, it } from 'vitest'
import { operationOf, operations } from '../../../contract/operations.ts'

describe('operationOf', () => {
  it('finds every operation by its own path', () => {
    for (const [name, { method, path }] of Object.entries(operations)) {
      expect(operationOf(method, path.replaceAll(/\{[^}]+\}/g, 'anything'))).toBe(name)
    }
  })

  it('prefers a literal path to a template, serves HEAD as GET, and calls the rest unmatched', () => {
    expect(operationOf('GET', '/v1/streams/notifications')).toBe('streams.notifications')
    expect(operationOf('HEAD', '/v1/streams/orders')).toBe('streams.read')
    expect(operationOf('PUT', '/v1/events/publish')).toBe('unmatched')
    expect(operationOf('GET', '/v1/streams/orders/extra')).toBe('unmatched')
    expect(operationOf('GET', '/xwell-known/jwks.json')).toBe('unmatched')
  })
})
