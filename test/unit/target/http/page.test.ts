import { describe, expect, test } from 'vitest'
import { nextOf } from '../../../../target/http/page.ts'

describe('the path of the next page', () => {
  test.each([
    ['without a query', '/products', {}, '/products?page=2'],
    ['after an empty query', '/products?', {}, '/products?&page=2'],
    [
      'keeps what comes before and after',
      '/products?q=a%26b&page=3&limit=5',
      { page: 3, limit: 5 },
      '/products?q=a%26b&page=4&limit=5',
    ],
    [
      'keeps the rest when the page comes first',
      '/products?page=9&sort=price',
      { page: 9 },
      '/products?page=10&sort=price',
    ],
    ['fills a page without a value', '/products?page=&q=x', {}, '/products?page=2&q=x'],
    ['takes no other parameter for it', '/products?q=page=3&xpage=4', {}, '/products?q=page=3&xpage=4&page=2'],
  ])('%s', (_what, url, asked, next) => {
    expect(nextOf(asked, 1000, url)).toBe(next)
  })

  test('is null on the last, full or not', () => {
    expect(nextOf({ page: 2, limit: 10 }, 20, '/products?page=2&limit=10')).toBeNull()
    expect(nextOf({ page: 2, limit: 10 }, 21, '/products?page=2&limit=10')).not.toBeNull()
    expect(nextOf({ page: 7 }, 3, '/products?page=7')).toBeNull()
  })
})
