import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { answerOf, secureTarget } from './secure.ts'

const ids = ['reset', 'cut', 'short', 'early', 'wrong', 'slow', 'status', 'hang'] as const
const faults: Record<(typeof ids)[number], object> = {
  reset: { type: 'reset' },
  cut: { type: 'reset', at: 'after_handler', afterBytes: 100 },
  short: { type: 'close_early', afterBytes: 50 },
  early: { type: 'reset', at: 'after_handler' },
  wrong: { type: 'close_early', afterBytes: 50, contentLength: 'wrong' },
  slow: { type: 'dribble', bytesPerSecond: 5000 },
  status: { type: 'status', status: 503 },
  hang: { type: 'hang' },
}

describe('over HTTP/2 a target', async () => {
  const rules = ids.map(id => ({ id, match: { header: { 'x-fault': id } }, fault: faults[id] }))
  const target = await secureTarget({ 'faults.rules': JSON.stringify(rules), 'http.bodyBytes': '2000' })
  const product = { ':path': '/products/1' }

  it('answers many requests at once on one connection, and counts each once', async () => {
    const session = target.session()
    const answers = await Promise.all(Array.from({ length: 50 }, () => answerOf(session, { ':path': '/categories' })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const { arrivals, bytesOut } = await target.account('categories.list')
    expect(arrivals).toBe(50)
    expect(bytesOut).toBe(answers.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0))
  })

  it('takes a body without a length, and its host from the authority', async () => {
    const body = JSON.stringify({ product_id: 1, quantity: 2 })
    const headers = { ':path': '/orders', ':method': 'POST', 'content-type': 'application/json' }
    const answer = await answerOf(target.session(), headers, body)
    expect(answer.status).toBe(201)
    expect(answer.headers).not.toHaveProperty('connection')
    expect((await target.account('orders.create')).bytesIn).toBe(body.length)
  })

  it('refuses a body over its limit, and keeps the connection', async () => {
    const session = target.session()
    const headers = { ':path': '/tasks', ':method': 'POST', 'content-type': 'application/json' }
    expect(await answerOf(session, headers, Buffer.alloc(300_000, ' '))).toMatchObject({ status: 413 })
    expect(await answerOf(session, { ':path': '/healthz' })).toMatchObject({ status: 200 })
  })

  it('refuses an authority that names no host', async () => {
    const answer = await answerOf(target.session(), { ':path': '/healthz', ':authority': '[zz]' })
    expect(answer).toMatchObject({ status: 400 })
    expect(answer.text).toContain('invalid_header')
  })

  it('ends streams as faults say, leaves the others on the connection alone, and counts them as over HTTP/1.1', async () => {
    const session = target.session()
    const whole = await answerOf(session, product)
    const bytes = Number(whole.headers['content-length'])
    const before = await target.account('products.get')
    const with_ = (fault: string) => answerOf(session, { ...product, 'x-fault': fault })
    const neighbours = Array.from({ length: 5 }, () => answerOf(session, { ':path': '/products/2' }))
    expect(await with_('reset')).toMatchObject({ status: 0, code: 2 })
    expect(await with_('early')).toMatchObject({ status: 0, code: 2 })
    expect(await with_('cut')).toMatchObject({ status: 200, text: whole.text.slice(0, 100), code: 2 })
    expect(await with_('short')).toMatchObject({ status: 200, text: whole.text.slice(0, 50), code: 8 })
    expect(await with_('wrong')).toMatchObject({ status: 200, text: whole.text.slice(0, 50), code: 0 })
    expect(await with_('slow')).toMatchObject({ status: 200, text: whole.text, code: 0 })
    const refused = await with_('status')
    expect(refused).toMatchObject({ status: 503, code: 0 })
    for (const each of await Promise.all(neighbours)) expect(each).toMatchObject({ status: 200, code: 0 })
    const after = await target.account('products.get')
    expect(after.cut - before.cut).toBe(4)
    expect(after.aborted).toBe(0)
    // The answer that is cut after 100 bytes, the one after 50, the one that looks whole, the slow one.
    const neighboursBytes = (await Promise.all(neighbours)).reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
    expect(after.bytesOut - before.bytesOut - neighboursBytes - 100 - 50 - 50 - bytes).toBe(refused.text.length)
  })

  it('counts a stream that its client gives up as aborted', async () => {
    const stream = target.session().request({ ':path': '/reports/none', 'x-fault': 'hang' })
    stream.on('error', () => {})
    await expect.poll(async () => (await target.ledger()).open.requests, { timeout: 20_000 }).toBe(1)
    stream.close(8)
    expect(await target.account('reports.get')).toMatchObject({ arrivals: 1, aborted: 1 })
  })

  it('streams events, and ends them with the stream', async () => {
    const form = 'grant_type=client_credentials&client_id=notification-dashboard&client_secret=consumer-secret'
    const type = 'application/x-www-form-urlencoded'
    const session = target.session()
    const asked = await answerOf(session, { ':path': '/oauth/token', ':method': 'POST', 'content-type': type }, form)
    const { access_token: token } = JSON.parse(asked.text) as { access_token: string }
    const stream = session.request({ ':path': '/v1/streams/inventory', authorization: `Bearer ${token}` })
    const [chunk] = (await once(stream, 'data')) as [Buffer]
    expect(chunk.toString()).toContain('retry: 2000')
    expect((await target.ledger()).open.streams).toBe(1)
    stream.close(8)
    await expect.poll(async () => (await target.ledger()).streams.closed).toEqual({ client: 1 })
    expect(session.destroyed).toBe(false)
  })
})

describe('a target that stops', () => {
  it('ends HTTP/2 connections with GOAWAY, after what is under way', async () => {
    const slow = { id: 'slow', fault: { type: 'delay', distribution: '300ms' } }
    const target = await secureTarget({ 'faults.rules': JSON.stringify([slow]) })
    const session = target.session()
    const goaway = once(session, 'goaway')
    const answer = answerOf(session, { ':path': '/products/1' })
    await expect.poll(async () => (await target.ledger()).open.requests).toBe(1)
    const closed = target.close()
    expect((await goaway)[0]).toBe(0)
    expect(await answer).toMatchObject({ status: 200, code: 0 })
    await closed
  })
})
