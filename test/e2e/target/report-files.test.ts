import { createHash } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import type { LoginResponse } from '../../../contract/api/accounts.ts'
import type { Category } from '../../../contract/api/catalog.ts'
import type { Order } from '../../../contract/api/orders.ts'
import type { Problem } from '../../../contract/problem.ts'
import { reportsClient } from './reports-client.ts'
import { operation, testTarget } from './support.ts'

const flags = { 'reports.duration': '1ms', 'catalog.products': '50' }
const target = await testTarget(flags)
const client = await reportsClient(target)

const download = async (body: object, headers: Record<string, string> = {}) => {
  const { status_url } = await client.submit(body)
  const { download_url } = await client.finished(status_url)
  return { path: download_url!, ...(await client.send('GET', download_url!, headers)) }
}

describe('the file of a report', () => {
  it('of orders has the same content as CSV and as JSON', async () => {
    const [csv, json] = [await download({ type: 'orders' }), await download({ type: 'orders', format: 'json' })]
    const name = (format: string) => new RegExp(`^attachment; filename="orders-[0-9a-f]{24}\\.${format}"$`)
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(csv.headers.get('content-disposition')).toMatch(name('csv'))
    expect(json.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(json.headers.get('content-disposition')).toMatch(name('json'))
    const orders = json.json<Order[]>()
    expect(orders.length).toBe(500)
    expect(parse<object>(csv.bytes, { columns: true })).toEqual(
      orders.flatMap(({ items, id, user_id, status, created_at, currency, total }) =>
        items.map(item => ({
          order_id: String(id),
          order_user_id: String(user_id),
          order_status: status,
          order_created_at: created_at,
          order_currency: currency,
          order_total: String(total),
          product_id: String(item.product_id),
          name: item.name,
          quantity: String(item.quantity),
          unit_price: String(item.unit_price),
          total: String(item.total),
        })),
      ),
    )
  })

  it('of orders agrees with what their owners see', async () => {
    const reported = (await download({ format: 'json' })).bytes.toString()
    const credentials = { email: 'qa.user2@example.com', password: 'TestPass123!' }
    const login = await client.send('POST', '/auth/login', {}, credentials)
    const { access_token, user } = login.json<LoginResponse>()
    const authorization = `Bearer ${access_token}`
    for (const id of [5001, 5050, 5100]) {
      const order = (await client.send('GET', `/orders/${id}`, { authorization })).json<Order>()
      expect(order.user_id).toBe(user.id)
      expect(JSON.parse(reported)).toContainEqual(order)
    }
  })

  it('of orders contains only those of the tenant', async () => {
    const there = { 'x-tenant-id': 'elsewhere' }
    const { status_url } = await client.submit({}, there)
    const { download_url } = await client.finished(status_url, there)
    const theirs = await client.send('GET', download_url!, there)
    expect(theirs.status).toBe(200)
    expect(theirs.bytes.equals((await download({})).bytes)).toBe(false)
  })

  it('of products and of categories agree', async () => {
    const products = parse<Record<string, string>>((await download({ type: 'inventory' })).bytes, { columns: true })
    const categories = (await download({ type: 'categories', format: 'json' })).bytes.toString()
    expect(products.length).toBe(50)
    for (const { slug, product_count } of JSON.parse(categories) as Category[]) {
      expect(products.filter(({ category }) => category === slug).length).toBe(product_count)
    }
  })

  it('is the same for the same seed, with the same ETag', async () => {
    const other = await reportsClient(await testTarget(flags))
    const { download_url } = await other.finished((await other.submit({ type: 'products' })).status_url)
    const [theirs, ours] = [await other.send('GET', download_url!), await download({ type: 'products' })]
    expect(digest(theirs.bytes)).toBe(digest(ours.bytes))
    expect(theirs.headers.get('etag')).toBe(ours.headers.get('etag'))
    const known = await client.send('GET', ours.path, { 'if-none-match': ours.headers.get('etag')! })
    expect({ knownStatus: known.status, bytesLength: known.bytes.length }).toEqual({ knownStatus: 304, bytesLength: 0 })
  })

  it('can be requested in ranges', async () => {
    const { path, bytes, headers } = await download({ type: 'products' })
    expect(headers.get('accept-ranges')).toBe('bytes')
    const total = bytes.length
    const parts: Buffer[] = []
    for (let first = 0; first < total; first += 1000) {
      const part = await client.send('GET', path, { range: `bytes=${first}-${first + 999}` })
      const last = Math.min(first + 999, total - 1)
      expect({ partStatus: part.status, contentRange: part.headers.get('content-range') }).toEqual({
        partStatus: 206,
        contentRange: `bytes ${first}-${last}/${total}`,
      })
      expect(part.headers.get('content-length')).toBe(String(last - first + 1))
      parts.push(part.bytes)
    }
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
    const tail = await client.send('GET', path, { range: 'bytes=-10' })
    expect(tail.bytes.equals(bytes.subarray(-10))).toBe(true)
    const rest = await client.send('GET', path, { range: `bytes=${total - 3}-` })
    expect(rest.bytes.equals(bytes.subarray(-3))).toBe(true)
  })

  it('is sent whole for a range that is invalid or stale', async () => {
    const { path, bytes, headers } = await download({ type: 'products' })
    const etag = headers.get('etag')!
    for (const asked of [
      { range: 'bytes=0-1,5-6' },
      { range: 'bytes=9-1' },
      { range: 'lines=1-2' },
      { range: 'bytes=0-1', 'if-range': '"another"' },
      { range: 'bytes=0-1', 'if-range': `W/${etag}` },
      { range: 'bytes=0-1', 'if-range': new Date().toUTCString() },
    ]) {
      const whole = await client.send('GET', path, asked as Record<string, string>)
      expect({
        wholeStatus: whole.status,
        bytesLength: whole.bytes.length,
        contentRange: whole.headers.get('content-range'),
      }).toEqual({ wholeStatus: 200, bytesLength: bytes.length, contentRange: null })
    }
    const part = await client.send('GET', path, { range: 'bytes=0-1', 'if-range': etag })
    expect({ partStatus: part.status, bytesLength: part.bytes.length }).toEqual({ partStatus: 206, bytesLength: 2 })
  })

  it('has no range beyond its end', async () => {
    const { path, bytes } = await download({ type: 'products' })
    const beyond = await client.send('GET', path, { range: `bytes=${bytes.length}-` })
    expect({ beyondStatus: beyond.status, code: beyond.json<Problem>().code }).toEqual({
      beyondStatus: 416,
      code: 'range_not_satisfiable',
    })
    expect(beyond.headers.get('content-range')).toBe(`bytes */${bytes.length}`)
    expect(beyond.headers.get('content-type')).toContain('application/problem+json')
    expect(beyond.headers.get('content-disposition')).toBeNull()
  })

  it('answers HEAD like a GET without ranges', async () => {
    const { path, bytes, headers } = await download({ type: 'products' })
    const head = await client.send('HEAD', path, { range: 'bytes=0-1' })
    expect({ headStatus: head.status, bytesLength: head.bytes.length }).toEqual({ headStatus: 200, bytesLength: 0 })
    for (const name of ['content-length', 'etag', 'content-type', 'content-disposition', 'accept-ranges']) {
      expect(head.headers.get(name)).toBe(headers.get(name))
    }
    expect(head.headers.get('content-length')).toBe(String(bytes.length))
  })

  it('counts in the ledger with the bytes that were sent', async () => {
    const { path, bytes } = await download({ type: 'products' })
    const run = { 'x-loadcell-run': 'bytes' }
    await client.send('GET', path, run)
    await client.send('GET', path, { ...run, range: 'bytes=10-19' })
    await client.send('HEAD', path, run)
    const account = operation(await target.settledLedger('bytes'), 'reports.download')
    expect(account).toMatchObject({ arrivals: 3, bytesOut: bytes.length + 10, statuses: { 200: 2, 206: 1 } })
  })
})

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
