import { getIntrospectionQuery } from 'graphql'
import { describe, expect, it } from 'vitest'
import { GraphqlSocket } from '../../support/graphql-socket.ts'
import { testTarget, type TestTarget } from './support.ts'

const on = { 'graphql.enabled': 'true' }

async function codesOf(target: TestTarget, body: unknown): Promise<{ status: number; codes: unknown }> {
  const answer = await fetch(`${target.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const { errors, code } = (await answer.json()) as { errors?: { extensions: { code: string } }[]; code?: string }
  return { status: answer.status, codes: errors?.map(({ extensions }) => extensions.code) ?? code }
}

const refused = (...codes: string[]) => ({ status: 400, codes })
const nested = (field: string, levels: number) => `${`${field} { `.repeat(levels)}name${' }'.repeat(levels)}`

const doubling = Array.from({ length: 40 }, (_, n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`).join(' ')

const hostileDocuments: [string, unknown, ReturnType<typeof refused>][] = [
  ['a deep one', { query: `{ ${nested('ofType', 200)} }` }, refused('too_deep')],
  [
    'one of many aliases',
    { query: `{ ${Array.from({ length: 51 }, (_, n) => `a${n}: product(id: 1) { id }`).join(' ')} }` },
    refused('too_many_aliases'),
  ],
  [
    'a costly one',
    {
      query:
        '{ products(limit: 100) { items { id sku name price tags stock brand } } orders(limit: 10000) { items { id } } }',
    },
    refused('too_costly'),
  ],
  [
    'a costly one by a variable',
    {
      query: 'query ($n: Int) { orders(limit: $n) { items { id items { product { id } } } } }',
      variables: { n: 9000 },
    },
    refused('too_costly'),
  ],
  [
    'a cycle of fragments',
    { query: '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }' },
    refused('fragment_cycle'),
  ],
  [
    'fragments that double 40 times',
    { query: `{ ...f0 } ${doubling} fragment f40 on Query { categories { slug } }` },
    refused('too_costly'),
  ],
  ['a document of many tokens', { query: `{ ${'categories { slug } '.repeat(1000)} }` }, refused('invalid_request')],
  [
    'a bomb of introspection',
    { query: `{ __schema { types { ${'fields { type { fields { type { '.repeat(6)} name ${'} } } }'.repeat(6)} } } }` },
    refused('invalid_request'),
  ],
  ['a batch', [{ query: '{ categories { slug } }' }, { query: '{ categories { slug } }' }], refused('invalid_request')],
  ['variables that are no object', { query: '{ categories { slug } }', variables: [1] }, refused('invalid_request')],
  [
    'an unknown operation',
    { query: 'query a { categories { slug } }', operationName: 'b' },
    refused('unknown_operation'),
  ],
  [
    'JSON that is too deep',
    `{"query":"{ a }","variables":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}`,
    { status: 400, codes: 'json_too_deep' } as never,
  ],
  [
    'a body over the limit',
    JSON.stringify({ query: ' '.repeat(1_100_000) }),
    { status: 413, codes: 'body_too_large' } as never,
  ],
]

describe('a hostile document', () => {
  it('is answered with the limit that it passes, and leaves the target well', async () => {
    const target = await testTarget(on)
    for (const [name, body, expected] of hostileDocuments) {
      expect({ name, ...(await codesOf(target, body)) }).toEqual({ name, ...expected })
    }
    expect(await codesOf(target, { query: getIntrospectionQuery() })).toEqual({ status: 200, codes: undefined })
    expect(await codesOf(target, { query: '{ categories { slug } }' })).toEqual({ status: 200, codes: undefined })
    const { operations } = await target.settledLedger()
    expect(operations[0]).toMatchObject({ arrivals: hostileDocuments.length + 2 })
  }, 20_000)
})

const QUERY = '{ categories { slug } }'
const FOLLOW = 'subscription { events(streams: ["orders"]) { event_id } }'

const violations: [string, number, (socket: GraphqlSocket) => unknown][] = [
  ['text that is not JSON', 4400, socket => socket.raw('{')],
  ['a message without a type', 4400, socket => socket.send({})],
  ['an unknown type', 4400, socket => socket.send({ type: 'start', id: '1' })],
  [
    'a subscribe without an id',
    4400,
    async s => (await s.introduce()).send({ type: 'subscribe', payload: { query: QUERY } }),
  ],
  [
    'a subscribe without a document',
    4400,
    async s => (await s.introduce()).send({ type: 'subscribe', id: '1', payload: {} }),
  ],
  ['a subscribe before connection_init', 4401, socket => socket.subscribe(QUERY)],
  [
    'a token that is not valid',
    4403,
    socket => socket.send({ type: 'connection_init', payload: { token: 'nonsense' } }),
  ],
  ['a second connection_init', 4429, async s => (await s.introduce()).send({ type: 'connection_init' })],
  [
    'an id that is in use',
    4409,
    async s => {
      await s.introduce('demo-jwt-token-ann')
      const room = 'subscription { messages(channel: "a") { text } }'
      s.subscribe(room, 'same')
      s.subscribe(room, 'same')
    },
  ],
  ['silence', 4408, () => {}],
  ['binary data that is no text', 4400, socket => socket.raw(Buffer.from([0xff, 0xfe]))],
]

describe('graphql-transport-ws', () => {
  it('closes each violation with its code, and counts it', async () => {
    const target = await testTarget({ ...on, 'graphql.initTimeout': '300ms' })
    for (const [what, code, violate] of violations) {
      const socket = await GraphqlSocket.enter(target.url)
      await violate(socket)
      expect({ what, code: (await socket.closed).code }).toEqual({ what, code })
    }
    const plain = await GraphqlSocket.enter(target.url, ['graphql-ws'])
    expect((await plain.closed).code).toBe(4406)
    const { sockets, tokens } = await target.settledLedger()
    const count = violations.length + 1
    expect(sockets.endpoints).toMatchObject([
      { operation: 'graphql.subscribe', opened: count, closed: { protocol: count } },
    ])
    expect(sockets.endpoints[0]!.refusals).toEqual({ malformed_json: 2, unknown_action: 2, invalid_request: 2 })
    expect(tokens.refused).toEqual({ invalid_token: 1 })
  }, 20_000)

  it('answers operations that are refused, and goes on', async () => {
    const target = await testTarget(on)
    const socket = await (await GraphqlSocket.enter(target.url)).introduce()
    const asked: [string, string][] = [
      ['{ nope }', 'invalid_request'],
      [FOLLOW, 'invalid_token'],
      ['subscription { messages(channel: "a") { text } }', 'invalid_token'],
      [`{ ${nested('product', 20)} }`, 'too_deep'],
    ]
    for (const [query, code] of asked) {
      socket.subscribe(query)
      expect(await socket.next()).toMatchObject({ type: 'error', id: 'one', payload: [{ extensions: { code } }] })
    }
    socket.subscribe(QUERY)
    expect(await socket.next()).toMatchObject({
      type: 'next',
      id: 'one',
      payload: { data: { categories: expect.any(Array) as unknown } },
    })
    expect(await socket.next()).toEqual({ type: 'complete', id: 'one' })
    expect(await socket.ask({ type: 'ping', payload: { a: 1 } })).toEqual({ type: 'pong', payload: { a: 1 } })
    socket.webSocket.close(1000)
    await socket.closed
    const { sockets } = await target.settledLedger()
    expect(sockets.endpoints).toMatchObject([{ received: 7, refusals: { forbidden: 2, invalid_request: 2 } }])
  })

  it('ends a subscription that its client completes, and no other', async () => {
    const target = await testTarget(on)
    const socket = await (await GraphqlSocket.enter(target.url)).introduce('demo-jwt-token-ann')
    const query = 'subscription { messages(channel: "a") { sequence } }'
    socket.subscribe(query, 'left')
    socket.subscribe(query, 'kept')
    socket.send({ type: 'complete', id: 'left' })
    socket.subscribe('mutation { sendMessage(channel: "a", message: { id: 1 }) { sequence } }', 'say')
    const frames = [await socket.next(), await socket.next(), await socket.next()]
    expect(frames.map(({ id, type }) => `${String(id)} ${String(type)}`)).toEqual([
      'kept next',
      'say next',
      'say complete',
    ])
  })

  it('bounds the subscriptions of a connection', async () => {
    const target = await testTarget({ ...on, 'sockets.subscriptions': '100' })
    const socket = await (await GraphqlSocket.enter(target.url)).introduce('demo-jwt-token-ann')
    for (let n = 0; n < 150; n += 1)
      socket.subscribe(`subscription { messages(channel: "room-${n}") { text } }`, `s-${n}`)
    for (let n = 100; n < 150; n += 1) {
      expect(await socket.next()).toMatchObject({
        type: 'error',
        id: `s-${n}`,
        payload: [{ extensions: { code: 'too_many_subscriptions' } }],
      })
    }
    expect(await socket.ask({ type: 'ping' })).toEqual({ type: 'pong' })
  })

  it('disconnects a follower that never reads, with its unsent events counted', async () => {
    const target = await testTarget({ ...on, 'sockets.slowConsumer.budgetBytes': '20000' })
    const socket = await (await GraphqlSocket.enter(target.url)).introduce('demo-jwt-token-ann')
    socket.subscribe('subscription { messages(channel: "a") { text } }')
    expect(await socket.ask({ type: 'ping' })).toEqual({ type: 'pong' })
    socket.webSocket.pause()
    const speaker = await (await GraphqlSocket.enter(target.url)).introduce('demo-jwt-token-bob')
    const text = 'x'.repeat(10_000)
    const query = 'mutation ($t: String) { sendMessage(channel: "a", message: { id: 1, text: $t }) { sequence } }'
    // Until the buffers of both kernels are full.
    for (let n = 0; n < 3000; n += 1) {
      speaker.subscribe(query, `m-${n}`, { t: text })
      await speaker.next()
      await speaker.next()
    }
    speaker.webSocket.close(1000)
    await speaker.closed
    socket.webSocket.terminate()
    const { sockets } = await target.settledLedger()
    const [{ closed, delivered, unsent }] = sockets.endpoints as [(typeof sockets.endpoints)[0]]
    expect(closed).toEqual({ slow_consumer: 1, client: 1 })
    expect(delivered + unsent).toBeLessThan(3000)
    expect(delivered).toBeGreaterThan(0)
  }, 30_000)
})

describe('a subscription over server-sent events', () => {
  it('is refused before it begins, with the reason', async () => {
    const target = await testTarget(on)
    const token = await target.token('consumer')
    const open = async (query: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) => {
      const answer = await fetch(`${target.url}/graphql/stream`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      })
      return `${answer.status} ${(await answer.text()).match(/"code":"(\w+)"/)?.[1]}`
    }
    expect(await open('subscription { nope }')).toBe('400 invalid_request')
    expect(await open(FOLLOW, {})).toBe('401 invalid_token')
    expect(await open('subscription { messages(channel: "a") { text } }')).toBe('403 insufficient_scope')
    expect(await open('subscription { events(streams: []) { event_id } }')).toBe('400 invalid_request')
    expect(await open('subscription { events(streams: ["a"], after: "x") { event_id } }')).toBe('400 invalid_cursor')
    expect(await open('subscription { events(streams: ["a"], partitions: [99]) { event_id } }')).toBe(
      '400 invalid_request',
    )
  })

  it('answers a query with its result and the end', async () => {
    const target = await testTarget(on)
    const answer = await fetch(`${target.url}/graphql/stream?query=${encodeURIComponent('{ product(id: 1) { id } }')}`)
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(await answer.text()).toBe('event: next\ndata: {"data":{"product":{"id":1}}}\n\nevent: complete\ndata:\n\n')
  })
})
