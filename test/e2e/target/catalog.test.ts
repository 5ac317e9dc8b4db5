import { describe, expect, it } from 'vitest'
import { catalogOperations, type Category, type Product, productSorts } from '../../../contract/api/catalog.ts'
import { checker } from '../../../core/check.ts'
import type { Page } from '../../../contract/api/page.ts'
import type { Problem } from '../../../contract/problem.ts'
import { testTarget } from './support.ts'

const SIZE = 500
const flags = { 'catalog.products': String(SIZE) }
const target = await testTarget(flags)

async function get(path: string, init: RequestInit = {}) {
  const response = await fetch(target.url + path, init)
  return { status: response.status, headers: response.headers, text: await response.text() }
}

async function pageAt(path: string): Promise<Page<Product>> {
  const { status, headers, text } = await get(path)
  expect({ status, contentType: headers.get('content-type') }).toEqual({
    status: 200,
    contentType: 'application/json; charset=utf-8',
  })
  const page = JSON.parse(text) as Page<Product>
  expect(checker(catalogOperations['products.list'].answers[200].schema).errors(page)).toEqual([])
  return page
}

/** All items, by following `next` from here. */
async function walk(path: string): Promise<Product[]> {
  const found: Product[] = []
  for (let next: string | null = path; next !== null; ) {
    const page = await pageAt(next)
    found.push(...page.items)
    expect(page.total).toBeGreaterThanOrEqual(found.length)
    next = page.next
  }
  return found
}

const all = await walk('/api/v1/products?limit=100')
const idsOf = (products: Product[]) => products.map(({ id }) => id)

describe('a product', () => {
  it('is served under three spellings, the same bytes each time', async () => {
    const answers = await Promise.all(['/api/v1', '/api', ''].map(prefix => get(`${prefix}/products/7`)))
    for (const { status, headers, text } of answers) {
      expect({ status, contentType: headers.get('content-type') }).toEqual({
        status: 200,
        contentType: 'application/json; charset=utf-8',
      })
      expect(text).toBe(answers[0]!.text)
    }
    expect(JSON.parse(answers[0]!.text)).toEqual(all.find(({ id }) => id === 7))
  })

  it('is not sent again to a client that has it', async () => {
    const { headers } = await get('/products/7')
    const etag = headers.get('etag')!
    expect(etag).toMatch(/^"[\w-]+"$/)
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get('/products/7', { headers: { 'if-none-match': known } })
      expect({ againStatus: again.status, againText: again.text, etag: again.headers.get('etag') }).toEqual({
        againStatus: 304,
        againText: '',
        etag: etag,
      })
      expect(again.headers.get('cache-control')).toBe(headers.get('cache-control'))
    }
    for (const unknown of ['"other"', '', 'nonsense', etag.slice(1, -1)]) {
      expect((await get('/products/7', { headers: { 'if-none-match': unknown } })).status).toBe(200)
    }
    expect((await get('/products/8', { headers: { 'if-none-match': etag } })).status).toBe(200)
  })

  it('has a head', async () => {
    const [head, whole] = await Promise.all([get('/products/7', { method: 'HEAD' }), get('/products/7')])
    expect({ headStatus: head.status, headText: head.text, etag: head.headers.get('etag') }).toEqual({
      headStatus: 200,
      headText: '',
      etag: whole.headers.get('etag'),
    })
    expect(Number(head.headers.get('content-length'))).toBe(Buffer.byteLength(whole.text))
  })

  it.each(['0', '501', '-1', '1.5', '007', '1e2', 'abc', '99999999999999999999', '__proto__', '%00', '%F0%9F%98%80'])(
    'is not found at %s',
    async id => {
      const { status, headers, text } = await get(`/products/${id}`)
      expect({ status, contentType: headers.get('content-type') }).toEqual({
        status: 404,
        contentType: expect.stringContaining('application/problem+json'),
      })
      expect((JSON.parse(text) as Problem).code).toBe('not_found')
    },
  )

  it('is the same for the same seed, and another for another', async () => {
    const [again, other] = [await testTarget(flags), await testTarget({ ...flags, seed: '2' })]
    const at = async ({ url }: { url: string }) => (await fetch(`${url}/products?limit=100`)).text()
    expect(await at(again)).toBe(await at(target))
    expect(await at(other)).not.toBe(await at(target))
  })
})

describe('a page of products', () => {
  it.each([undefined, ...productSorts])('leads by next to every product exactly once, sorted by %s', async sort => {
    const found = await walk(`/products?limit=37${sort === undefined ? '' : `&sort=${sort}`}`)
    expect(idsOf(found).sort((a, b) => a - b)).toEqual(Array.from({ length: SIZE }, (_, place) => place + 1))
    if (sort === 'price')
      expect(found.map(({ price }) => price)).toEqual(found.map(({ price }) => price).sort((a, b) => a - b))
    if (sort === 'name') expect(found.map(({ name }) => name)).toEqual(found.map(({ name }) => name).sort())
  })

  it.each(['/api/v1/products', '/api/products', '/products'])(
    'at %s names the next page in its spelling',
    async path => {
      const page = await pageAt(`${path}?limit=10&sort=price`)
      expect(page.next).toBe(`${path}?limit=10&sort=price&page=2`)
      expect({ page: page.page, limit: page.limit, total: page.total, itemsLength: page.items.length }).toEqual({
        page: 1,
        limit: 10,
        total: SIZE,
        itemsLength: 10,
      })
      expect((await pageAt(page.next!)).page).toBe(2)
    },
  )

  it('holds 20 of the most popular unless said', async () => {
    const { items, limit } = await pageAt('/products')
    const popular = all.toSorted((a, b) => b.reviews - a.reviews || a.id - b.id)
    expect({ limit, idsOfItems: idsOf(items) }).toEqual({ limit: 20, idsOfItems: idsOf(popular.slice(0, 20)) })
  })

  it('contains the products that match the filters', async () => {
    const found = await walk('/products?category=books&min_price=10&max_price=25.5&limit=5&sort=-price')
    const fitting = all.filter(({ category, price }) => category === 'books' && price >= 10 && price <= 25.5)
    expect(fitting.length).toBeGreaterThan(5)
    expect(idsOf(found)).toEqual(idsOf(fitting.toSorted((a, b) => b.price - a.price || a.id - b.id)))
  })

  it.each([
    'category=nonsense',
    'category=__proto__',
    'category=Books',
    'min_price=1000000',
    'max_price=0',
    'q=%21%21',
    'q=nothinglikeit',
    'q=%00',
    'q=%F0%9F%98%80',
    'q=%25_%25%27;--',
  ])('is empty for %s', async query => {
    expect(await pageAt(`/products?${query}`)).toMatchObject({ items: [], total: 0, next: null, page: 1 })
  })

  it.each(['page=26', 'page=1000000000', 'page=1000000000&limit=100', 'page=1000000000&min_price=1&sort=name'])(
    'is empty past the end: %s',
    async query => {
      const page = await pageAt(`/products?${query}`)
      expect({ items: page.items, next: page.next }).toEqual({ items: [], next: null })
      expect(page.total).toBeGreaterThan(0)
    },
  )

  it('takes a parameter without a value as absent', async () => {
    expect(await pageAt('/products?q=&category=&min_price=&sort=&limit=&page=')).toMatchObject({
      total: SIZE,
      limit: 20,
    })
    expect(await pageAt('/products?q=%20')).toMatchObject({ total: SIZE })
  })

  it('has a head', async () => {
    const head = await get('/products?limit=2', { method: 'HEAD' })
    expect({ headStatus: head.status, headText: head.text }).toEqual({ headStatus: 200, headText: '' })
  })

  it.each([
    ['limit=0', 'invalid_limit', '/query/limit'],
    ['limit=101', 'invalid_limit', '/query/limit'],
    ['limit=ten', 'invalid_limit', '/query/limit'],
    ['page=0', 'invalid_request', '/query/page'],
    ['page=-1', 'invalid_request', '/query/page'],
    ['page=1000000001', 'invalid_request', '/query/page'],
    ['page=1.5', 'invalid_request', '/query/page'],
    ['sort=cheapest', 'invalid_request', '/query/sort'],
    ['min_price=-1', 'invalid_request', '/query/min_price'],
    ['min_price=NaN', 'invalid_request', '/query/min_price'],
    ['max_price=Infinity', 'invalid_request', '/query/max_price'],
    ['max_price=1e3', 'invalid_request', '/query/max_price'],
    ['min_price=20&max_price=10', 'invalid_request', '/query/min_price'],
    [`q=${'a'.repeat(201)}`, 'invalid_request', '/query/q'],
    [`category=${'a'.repeat(65)}`, 'invalid_request', '/query/category'],
    ['q=a&q=b', 'invalid_request', '/query/q'],
  ])('is refused for %s', async (query, code, pointer) => {
    for (const path of ['/products', '/products/search']) {
      const words = path === '/products' || query.startsWith('q=') ? '' : 'q=a&'
      const { status, text } = await get(`${path}?${words}${query}`)
      const problem = JSON.parse(text) as Problem
      expect({ path, status, problem }).toMatchObject({ path, status: 400, problem: { code, errors: [{ pointer }] } })
    }
  })
})

describe('a search', () => {
  it('finds products by words in all spellings of case and path, best first', async () => {
    const found = await Promise.all(
      [
        '/api/v1/products/search?q=chair',
        '/api/products/search?q=CHAIR',
        '/products/search?q=chai',
        '/products?q=Chair',
      ].map(pageAt),
    )
    expect(found[0]!.total).toBe(all.filter(({ name }) => name.includes('Chair')).length)
    expect(found[0]!.total).toBeGreaterThan(0)
    for (const page of found) expect(idsOf(page.items)).toEqual(idsOf(found[0]!.items))
  })

  it('leads by next to every match once', async () => {
    const found = await walk('/products/search?q=e&limit=7')
    expect(found.length).toBeGreaterThan(7)
    expect(new Set(idsOf(found)).size).toBe(found.length)
  })

  it('can be narrowed and sorted as a list can', async () => {
    const found = await walk('/products/search?q=office&category=home&max_price=200&sort=price&limit=100')
    expect(found.length).toBeGreaterThan(1)
    expect(idsOf(found)).toEqual(
      idsOf(
        all
          .filter(({ tags, category, price }) => tags.includes('office') && category === 'home' && price <= 200)
          .toSorted((a, b) => a.price - b.price || a.id - b.id),
      ),
    )
  })

  it.each(['', '?q=', '?q=%20', '?q=+%09', '?limit=5'])('without words is refused: %s', async query => {
    const { status, text } = await get(`/products/search${query}`)
    const problem = JSON.parse(text) as Problem
    expect({ status, problem }).toMatchObject({
      status: 400,
      problem: { code: 'invalid_request', errors: [{ pointer: '/query/q' }] },
    })
  })
})

describe('the categories', () => {
  it.each(['/api/v1', '/api', ''])('are listed with their counts at %s/categories', async prefix => {
    const { status, text } = await get(`${prefix}/categories`)
    const { items, total } = JSON.parse(text) as { items: Category[]; total: number }
    expect({ status, total }).toEqual({ status: 200, total: items.length })
    expect(items.map(({ slug }) => slug)).toEqual(expect.arrayContaining(['electronics', 'books', 'home', 'fitness']))
    for (const { slug, product_count } of items) {
      expect(product_count).toBe(all.filter(({ category }) => category === slug).length)
      expect((await pageAt(`/products?category=${slug}`)).total).toBe(product_count)
    }
  })
})

it('needs a restart to have another number of products', async () => {
  const { status, text } = await get('/_loadcell/config', {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ catalog: { products: 600 } }),
  })
  expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining('/catalog/products') })
  expect((await pageAt('/products')).total).toBe(SIZE)
})
