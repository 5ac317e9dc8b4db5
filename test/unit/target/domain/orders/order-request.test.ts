import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Product } from '../../../../../contract/api/catalog.ts'
import { orderLine, totalOf } from '../../../../../target/domain/orders/order-request.ts'

const Cents = fc.integer({ min: 0, max: 9_999_999 })
const Quantity = fc.integer({ min: 1, max: 10_000 })

test('a line costs its price times its quantity, to the cent', () => {
  fc.assert(
    fc.property(Cents, Quantity, (cents, quantity) => {
      const line = orderLine(product(cents), quantity)
      expect(line.unit_price).toBe(Number(decimal(cents)))
      expect(JSON.stringify(line.total)).toBe(String(Number(decimal(cents * quantity))))
    }),
    { seed: 1, numRuns: 1000 },
  )
})

test('a total is the sum of its lines, to the cent', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(Cents, Quantity), { maxLength: 100 }), bought => {
      const lines = bought.map(([cents, quantity]) => orderLine(product(cents), quantity))
      const sum = bought.reduce((sum, [cents, quantity]) => sum + cents * quantity, 0)
      expect(totalOf(lines)).toBe(Number(decimal(sum)))
    }),
    { seed: 2, numRuns: 500 },
  )
})

test('a tenth and two tenths are three tenths', () => {
  expect(totalOf([orderLine(product(10), 1), orderLine(product(20), 1)])).toBe(0.3)
  expect(orderLine(product(110), 3).total).toBe(3.3)
})

function product(cents: number): Product {
  return { id: 1, name: 'Chair', price: Number(decimal(cents)) } as Product
}

/** By the digits: no arithmetic on fractions. */
function decimal(cents: number): string {
  const digits = String(cents).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}
