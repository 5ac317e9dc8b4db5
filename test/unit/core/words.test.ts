import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { camelCase, constantCase, kebabCase, singular } from '../../../core/words.ts'

describe('names', () => {
  it.each([
    ['order_id', 'orderId', 'ORDER_ID', 'order-id'],
    ['X-API-Key', 'xApiKey', 'X_API_KEY', 'x-api-key'],
    ['Größe der Bestellung', 'grosseDerBestellung', 'GROSSE_DER_BESTELLUNG', 'grosse-der-bestellung'],
  ])('of %s are written in each case', (text, camel, constant, kebab) => {
    expect([camelCase(text), constantCase(text), kebabCase(text, 'x')]).toEqual([camel, constant, kebab])
  })

  it('are identifiers whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => /^[a-z][A-Za-z0-9]*$/.test(camelCase(text))),
      { seed: 1 },
    )
  })

  it.each([
    ['orders', 'order'],
    ['categories', 'category'],
    ['addresses', 'address'],
    ['status', 'status'],
    ['news', 'news'],
    ['bus', 'bus'],
  ])('of several things have a singular: %s', (many, one) => {
    expect(singular(many)).toBe(one)
  })
})
