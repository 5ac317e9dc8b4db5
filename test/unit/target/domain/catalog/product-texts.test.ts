import { expect, it } from 'vitest'
import type { Product } from '../../../../../contract/api/catalog.ts'
import { ProductTexts } from '../../../../../target/domain/catalog/product-texts.ts'
import { catalogOf } from './support.ts'

const catalog = catalogOf(20)

function countingTexts(charLimit: number) {
  const written: number[] = []
  const texts = new ProductTexts(id => {
    written.push(id)
    return catalog.product(id) as Product
  }, charLimit)
  return { written, texts }
}

it('writes a product once', () => {
  const { written, texts } = countingTexts(100_000)
  expect(texts.get(7)).toBe(texts.get(7))
  texts.get(8)
  expect(written).toEqual([7, 8])
})

it('forgets the oldest past its limit, and writes it the same again', () => {
  const { written, texts } = countingTexts(1000)
  const first = texts.get(1)
  for (let id = 2; id <= 20; id++) texts.get(id)
  expect(texts.get(1)).toEqual(first)
  texts.get(1)
  expect(written.filter(id => id === 1).length).toBe(2)
})

it('answers texts longer than its limit', () => {
  const { texts } = countingTexts(10)
  expect(JSON.parse(texts.get(3).json)).toEqual(catalog.product(3))
})
