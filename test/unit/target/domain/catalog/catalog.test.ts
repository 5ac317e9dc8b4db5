import { describe, expect, it } from 'vitest'
import { checker } from '../../../../../core/check.ts'
import { Product } from '../../../../../contract/api/catalog.ts'
import { departments } from '../../../../../target/domain/catalog/departments.ts'
import { allProducts, catalogOf } from './support.ts'

const catalog = catalogOf(2000)
const products = allProducts(catalog)

describe('products', () => {
  it('are the same for the same seed, and others for another', () => {
    const again = allProducts(catalogOf(2000))
    expect(again).toEqual(products)
    const other = allProducts(catalogOf(2000, 2))
    const same = other.filter((product, place) => product.name === products[place]!.name)
    expect(same.length).toBeLessThan(products.length / 20)
  })

  it('do not depend on how many there are', () => {
    expect(allProducts(catalogOf(10))).toEqual(products.slice(0, 10))
  })

  it('follow the contract, and are plausible', () => {
    const schema = checker(Product)
    for (const product of products) {
      expect(schema.errors(product)).toEqual([])
      const department = departments.find(({ slug }) => slug === product.category)!
      const usual = Object.entries(department.things).find(([thing]) => product.name.endsWith(` ${thing}`))
      expect(usual, product.name).toBeDefined()
      expect(product.price).toBeGreaterThanOrEqual(usual![1] / 2)
      expect(product.price).toBeLessThanOrEqual(usual![1] * 2)
      expect(product.price).toBe(Number(product.price.toFixed(2)))
      expect(product.rating).toBeGreaterThanOrEqual(1)
      expect(product.rating).toBeLessThanOrEqual(5)
      expect(product.stock).toBeGreaterThanOrEqual(0)
      expect(product.tags.length).toBeGreaterThan(0)
      expect(new Set(product.tags).size).toBe(product.tags.length)
      expect(department.tags).toEqual(expect.arrayContaining(product.tags))
      expect(Date.parse(product.created_at)).toBeLessThan(Date.UTC(2025, 0, 1) + 1)
    }
    expect(new Set(products.map(({ sku }) => sku)).size).toBe(products.length)
    expect(products.some(({ stock }) => stock === 0)).toBe(true)
  })

  it('have ids from 1 to their number', () => {
    for (const id of [0, -1, 2001, 1.5, Number.NaN, Infinity]) {
      expect({ productId: catalog.product(id), catalogTextId: catalog.text(id) }).toEqual({
        productId: undefined,
        catalogTextId: undefined,
      })
    }
    expect({ catalogProduct1Id: catalog.product(1)?.id, catalogProduct2000Id: catalog.product(2000)?.id }).toEqual({
      catalogProduct1Id: 1,
      catalogProduct2000Id: 2000,
    })
  })

  it('are the same as JSON', () => {
    for (const product of products.slice(0, 50)) {
      expect(JSON.parse(catalog.text(product.id)!.json)).toEqual(product)
    }
    expect(new Set(products.map(({ id }) => catalog.text(id)!.etag)).size).toBe(products.length)
  })
})

describe('categories', () => {
  it('count their products', () => {
    expect(catalog.categories.map(({ slug }) => slug)).toEqual(
      expect.arrayContaining(['electronics', 'books', 'home', 'fitness']),
    )
    for (const { slug, product_count } of catalog.categories) {
      expect(product_count).toBe(products.filter(({ category }) => category === slug).length)
      expect(product_count).toBeGreaterThan(0)
    }
  })

  it('may have none', () => {
    const [only] = allProducts(catalogOf(1))
    for (const { slug, product_count } of catalogOf(1).categories) {
      expect(product_count).toBe(slug === only!.category ? 1 : 0)
    }
  })

  it('have at most as many tags as there are bits for', () => {
    for (const { tags } of departments) expect(tags.length).toBeLessThanOrEqual(8)
  })
})
