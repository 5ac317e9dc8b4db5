import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { DeliveredEvent } from '../../../contract/api/events.ts'
import { NaiveSocket } from '../../support/naive-socket.ts'
import { until } from '../../support/stream-client.ts'
import { testTarget } from './support.ts'

const target = await testTarget()
const writer = `Bearer ${await target.token('producer')}`
const reader = `Bearer ${await target.token('consumer')}`

const data =
  '{"id":9007199254740993,"big":1e400,"zero":-0,"one":1.0,"fine":0.1000,"a":1,"a":2,"lone":"\\ud800","text":"\\u00e9\\/é","list":[1E2, 2]}'
const eventOf = (id: string) => `{"event_type":"order.created","event_id":"${id}","data":${data}}`

async function post(path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  const answer = await fetch(target.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: writer, ...headers },
    body,
  })
  const text = await answer.text()
  return { status: answer.status, body: JSON.parse(text) as Record<string, unknown> & { code?: string } }
}

/** Follows a stream; `text` is what has arrived so far. */
async function follow(query = ''): Promise<{ text: string }> {
  const leaving = new AbortController()
  onTestFinished(() => leaving.abort())
  const answer = await fetch(`${target.url}/v1/streams/orders${query}`, {
    headers: { authorization: reader },
    signal: leaving.signal,
  })
  const came = { text: '' }
  void (async () => {
    const decoder = new TextDecoder()
    for await (const chunk of answer.body!) came.text += decoder.decode(chunk, { stream: true })
  })().catch(() => {})
  return came
}

describe('an event', () => {
  const doors: [door: string, open: (id: string) => Promise<{ status: number }>][] = [
    ['on one line', id => post('/v1/events/publish', eventOf(id))],
    ['with a byte order mark', id => post('/v1/events/publish', `\ufeff${eventOf(id)}`)],
    ['with a line feed behind it', id => post('/v1/events/publish', `${eventOf(id)}\r\n`)],
    ['on several lines', id => post('/v1/events/publish', eventOf(id).replace('"event_id"', '\r\n\n  "event_id"'))],
    [
      'that says where it stands',
      id => post('/v1/events/publish', eventOf(id).replace('{', '{"offset":1,"cursor":"x",')),
    ],
    ['in a batch', id => post('/v1/events/batch', `{"events":[${eventOf(id)}]}`)],
    [
      'on several lines in a batch',
      id => post('/v1/events/batch', `{"events":[\n${eventOf(id).replace(',', ',\n')}\n]}\n`),
    ],
  ]

  it.each(doors)('%s is delivered with the data as it was written, in every format', async (door, open) => {
    const id = door.replaceAll(' ', '-')
    const [sse, ndjson] = [await follow(), await follow('?format=ndjson')]
    expect((await open(id)).status).toBe(202)
    await until(() => sse.text.includes(`"${id}"`) && sse.text.endsWith('\n\n') && ndjson.text.includes(`"${id}"`))
    expect(sse.text.split('\n').filter(line => line.startsWith('data: '))).toHaveLength(1)
    const polled = await fetch(`${target.url}/v1/streams/orders/poll?from=earliest&limit=1000`, {
      headers: { authorization: reader },
    })
    const replayed = await follow('?from=earliest')
    await until(() => replayed.text.includes(`"${id}"`) && replayed.text.endsWith('\n\n'))
    for (const text of [sse.text, ndjson.text, await polled.text(), replayed.text]) {
      const line = text.slice(text.indexOf(`"${id}"`))
      expect(line.slice(line.indexOf('"data":') + 7, line.indexOf('"data":') + 7 + data.length)).toBe(data)
    }
  })

  it('keeps repeated keys as they were sent', async () => {
    const sse = await follow()
    await post('/v1/events/publish', '{"event_id":"old","event_type":"order.created","event_id":"new","data":{}}')
    await until(() => sse.text.includes('"new"'))
    const delivered = /^data: (.*)$/m.exec(sse.text)?.[1]
    expect((JSON.parse(delivered!) as DeliveredEvent).event_id).toBe('new')
  })

  it.each([
    ['"timestamp":"2026-11-29T02:33:27.461509Z"'],
    ['"timestamp":"2026-11-29 02:33:27"'],
    ['"timestamp":1764383607.25'],
    ['"timestamp":null,"source":null,"partition_key":null'],
    ['"partition_key":17'],
  ])('with %s is delivered as it was written', async member => {
    const sse = await follow()
    const id = `member-${member}`
    const event = `{"event_type":"order.created","event_id":${JSON.stringify(id)},${member},"data":{}}`
    expect((await post('/v1/events/publish', event)).status).toBe(202)
    await until(() => sse.text.includes(JSON.stringify(id)) && sse.text.endsWith('\n\n'))
    expect(sse.text).toContain(`${JSON.stringify(id)},${member},"data":{}`)
  })

  it('has one partition for a key as a number and as its digits', async () => {
    const [number, digits] = await Promise.all(
      ['17', '"17"'].map(key =>
        post(
          '/v1/events/publish',
          `{"event_type":"order.created","event_id":${JSON.stringify(`key ${key}`)},"partition_key":${key},"data":{}}`,
        ),
      ),
    )
    expect(number!.body['partition']).toBe(digits!.body['partition'])
  })
})

it('of a stream is delivered to a client with its token in the query, as EventSource sends it', async () => {
  const token = reader.slice('Bearer '.length)
  const opened = await fetch(`${target.url}/v1/streams/orders?access_token=${token}`)
  expect({ openedStatus: opened.status, contentType: opened.headers.get('content-type') }).toEqual({
    openedStatus: 200,
    contentType: 'text/event-stream; charset=utf-8',
  })
  await opened.body!.cancel()
  expect((await fetch(`${target.url}/v1/streams/orders?access_token=forged`)).status).toBe(401)
})

describe('deep JSON', () => {
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  const deepEvent = (id: string, levels: number) =>
    `{"event_type":"order.created","event_id":"${id}","data":{"x":${deep(levels)}}}`

  it.each([300, 5000, 100_000])('of %d levels is refused everywhere, and counted', async levels => {
    const run = { 'x-loadcell-run': `deep-${levels}` }
    const refused = await post('/v1/events/publish', deepEvent('one', levels), run)
    expect({ refusedStatus: refused.status, bodyCode: refused.body.code }).toEqual({
      refusedStatus: 400,
      bodyCode: 'json_too_deep',
    })
    const batch = `{"events":[${deepEvent(`a${levels}`, 1)},${deepEvent('b', levels)},${deepEvent(`c${levels}`, 250)}]}`
    const { status, body } = await post('/v1/events/batch', batch, run)
    expect(status).toBe(202)
    expect(body).toMatchObject({
      accepted_count: 2,
      rejected_count: 1,
      rejected: [{ index: 1, code: 'json_too_deep' }],
    })
    const { events } = await target.settledLedger(`deep-${levels}`)
    expect(events).toMatchObject({ received: 3, accepted: 2, rejected: 1, duplicate: 0 })
    for (const path of [
      '/orders',
      '/tasks',
      '/auth/login',
      '/oauth/token',
      '/_loadcell/faults',
      '/_loadcell/faults/explain',
    ]) {
      expect((await post(path, `{"a":${deep(levels)}}`)).body.code, path).toBe('json_too_deep')
    }
  })

  it('is answered with an error frame on every socket', async () => {
    for (const path of [
      '/ws/quotes',
      '/ws/chat?token=demo-jwt-token-1',
      '/ws/collaboration?session=collab-session-1',
    ]) {
      const socket = await NaiveSocket.open(target.url + path)
      expect(await socket.ask({ op: 'ping', action: 'ping', x: JSON.parse(deep(2000)) as unknown })).toMatchObject({
        type: 'error',
        code: 'json_too_deep',
      })
      expect(await socket.ask({ op: 'ping', action: 'ping', ts: 1 })).toMatchObject({ ts: 1 })
      await socket.close()
    }
  })
})

describe('text that is not UTF-8', () => {
  it('is refused by its charset', async () => {
    for (const charset of ['iso-8859-1', '"utf-16"', 'UTF-16LE', 'windows-1252']) {
      const { status, body } = await post('/v1/events/publish', eventOf('x'), {
        'content-type': `application/json; charset=${charset}`,
      })
      expect({ status, bodyCode: body.code }, charset).toEqual({ status: 415, bodyCode: 'unsupported_media_type' })
    }
    for (const charset of ['utf-8', 'UTF8', '"utf-8"', 'us-ascii']) {
      const type = `application/json; version=1; charset=${charset}`
      expect(
        (await post('/v1/events/publish', eventOf(`in-${charset.length}`), { 'content-type': type })).status,
        charset,
      ).toBe(202)
    }
  })

  it('is refused by its bytes, in JSON and in forms', async () => {
    const latin1 = new Uint8Array(Buffer.from('{"event_type":"x","event_id":"é","data":{}}', 'latin1'))
    expect((await post('/v1/events/publish', latin1)).body.code).toBe('malformed_body')
    const utf16 = new Uint8Array(Buffer.from(`\ufeff${eventOf('x')}`, 'utf16le'))
    expect((await post('/v1/events/publish', utf16)).body.code).toBe('malformed_body')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    for (const body of ['grant_type=%E9', new Uint8Array([0x61, 0x3d, 0xe9])]) {
      expect((await post('/oauth/token', body, form)).body.code).toBe('malformed_body')
    }
    const charset = { 'content-type': 'application/x-www-form-urlencoded; charset=iso-8859-1' }
    expect((await post('/oauth/token', 'grant_type=x', charset)).status).toBe(415)
  })
})

describe('numbers on sockets', () => {
  const big = '9007199254740993'
  const raw = (text: string) => text.replaceAll('"big"', big)

  it('of chat are delivered as they were written, and name the channel by their digits', async () => {
    const open = (name: string) => NaiveSocket.open(`${target.url}/ws/chat?token=demo-jwt-token-${name}`)
    const [speaker, listener, other] = [await open('a'), await open('b'), await open('c')]
    for (const [socket, channel] of [
      [listener, big],
      [other, '9007199254740992'],
    ] as const) {
      expect(await socket.askText(`{"action":"subscribe","channel":${channel}}`)).toContain(`"channel":${channel},`)
    }
    const message = raw('{"id":"big","text":"x","extra":{"n":1e400,"m":1.50}}')
    const ack = await speaker.askText(`{"action":"publish","channel":${big},"message":${message}}`)
    expect(ack).toContain(`"id":${big},"channel":${big}`)
    expect(await listener.nextText()).toContain(`"channel":${big},"sequence":1,"message":${message}`)
    expect(await listener.askText(`{"action":"history","channel":${big}}`)).toContain(`"message":${message}`)
    expect(await other.askText('{"action":"ping","ts":1760000000000000001}')).toContain('"ts":1760000000000000001')
    await Promise.all([speaker.close(), listener.close(), other.close()])
  })

  it('of presence are delivered as they were written', async () => {
    const open = (name: string) =>
      NaiveSocket.open(`${target.url}/ws/collaboration?session=collab-session-${name}&presence=1`)
    const [one, two] = [await open('1'), await open('2')]
    await one.askText(`{"action":"join_document","documentId":${big}}`)
    const joined = await two.askText(`{"action":"join_document","documentId":${big},"presence":{"x":1.0,"y":${big}}}`)
    expect(joined).toContain(`"documentId":${big}`)
    expect(await one.nextText()).toContain(`"presence":{"x":1.0,"y":${big}}`)
    await Promise.all([one.close(), two.close()])
  })
})

describe('the address of an order', () => {
  it('is kept as it was written', async () => {
    const address = '{"street":"1 Main Street","lat":52.100,"id":9007199254740993}'
    const placed = await fetch(`${target.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"product_id":1,"shipping_address":${address.replace(',', ',\n')}}`,
    })
    expect(await placed.text()).toContain(`"shipping_address":${address}`)
    const read = await fetch(target.url + placed.headers.get('location')!)
    expect(await read.text()).toContain(`"shipping_address":${address}`)
  })

  it('may be null, which means no address', async () => {
    const placed = await post('/orders', '{"product_id":1,"shipping_address":null}')
    expect(placed.status).toBe(201)
    expect(placed.body).not.toHaveProperty('shipping_address')
  })
})

describe('unusual input in frames and bodies', () => {
  const sockets = ['/ws/quotes', '/ws/chat?token=demo-jwt-token-1', '/ws/collaboration?session=collab-session-1']

  it.each(sockets)('may begin with a byte order mark, in text and in binary frames of %s', async path => {
    const socket = await NaiveSocket.open(target.url + path)
    const ping = '\ufeff{"op":"ping","action":"ping","ts":7}'
    expect(await socket.askText(ping)).toContain('"ts":7')
    expect(await socket.askText(Buffer.from(ping))).toContain('"ts":7')
    expect(await socket.askText(`\ufeff${ping}`)).toContain('malformed_json')
    await socket.close()
  })

  it('may name the encoding identity and an empty charset', async () => {
    const packed = new Uint8Array(gzipSync(eventOf('packed')))
    for (const encoding of ['gzip, identity', 'identity,GZIP', 'x-gzip']) {
      expect((await post('/v1/events/publish', packed, { 'content-encoding': encoding })).status, encoding).toBe(202)
    }
    const twice = await post('/v1/events/publish', packed, { 'content-encoding': 'gzip, gzip' })
    expect({ twiceStatus: twice.status, bodyCode: twice.body.code }).toEqual({
      twiceStatus: 415,
      bodyCode: 'unsupported_media_type',
    })
    const type = { 'content-type': 'application/json; charset=' }
    expect((await post('/v1/events/publish', eventOf('packed'), type)).status).toBe(202)
  })
})

describe('a refusal', () => {
  it('names its frame by the digits that were sent', async () => {
    const socket = await NaiveSocket.open(`${target.url}/ws/quotes`)
    for (const id of ['9007199254740993', '1e400', '12']) {
      expect(await socket.askText(`{"op":"nothing","id":${id}}`)).toContain(`"in_reply_to":"${id}"`)
    }
    await socket.close()
  })

  it('never repeats a number in another form than it was sent', async () => {
    const big = '9007199254740993'
    for (const [path, body] of [
      ['/orders', `{"product_id":${big},"quantity":1}`],
      ['/orders', '{"product_id":1,"quantity":1e400}'],
      ['/tasks', `{"title":"x","assignee_id":${big}}`],
      ['/tasks', `{"title":-${big}}`],
      ['/v1/events/publish', `{"event_type":"order.created","event_id":${big},"data":{}}`],
      ['/v1/events/publish', '{"event_type":"order.created","event_id":"a","timestamp":1e400,"data":{}}'],
      ['/v1/events/batch', `{"events":[${big},1e400]}`],
    ] as const) {
      const { status, body: problem } = await post(path, body)
      expect(status, body).toBeGreaterThanOrEqual(400)
      expect(JSON.stringify(problem), body).toContain('got a number beyond ±9007199254740991')
    }
  })
})
