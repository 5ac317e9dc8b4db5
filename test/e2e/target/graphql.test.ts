import { auditServer } from 'graphql-http'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'
import { cacheExchange, Client, fetchExchange, gql, subscriptionExchange } from '@urql/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { NaiveSocket } from '../../support/naive-socket.ts'
import { testTarget, type TestTarget } from './support.ts'

const on = { 'graphql.enabled': 'true' }

interface Result {
  data?: Record<string, unknown> | null
  errors?: { message: string; path?: string[]; extensions: { code: string } }[]
  extensions?: Record<string, unknown>
}

async function ask(target: TestTarget, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${target.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Result }
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const person = (name: string) => bearer(`demo-jwt-token-${name}`)

async function publish(target: TestTarget, id: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${target.url}/v1/events/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(await target.token()) },
    body: JSON.stringify({ event_type: 'order.created', event_id: id, timestamp: 1, data: { total: 1 } }),
  })
  return (await answer.json()) as Record<string, unknown>
}

const PUBLISH = 'mutation ($e: EventInput!) { publishEvent(event: $e) { event_id stream partition offset } }'
const EVENTS =
  'subscription ($s: [String!]!) { events(streams: $s) { event_id stream partition offset cursor data published_at } }'
const ROOM = 'subscription { messages(channel: "lobby") { channel sequence id text senderId sentAt } }'

/** Follows a subscription with the community's clients. Results are taken in their order. */
function follower(
  target: TestTarget,
  over: 'ws' | 'sse',
  token: string,
  query: string,
  variables?: Record<string, unknown>,
) {
  const url = `${target.url}/graphql`
  const client =
    over === 'ws'
      ? createWsClient({
          url: `${url.replace('http', 'ws')}/subscriptions`,
          webSocketImpl: WebSocket,
          connectionParams: bearer(token),
          retryAttempts: 0,
        })
      : createSseClient({ url: `${url}/stream`, headers: bearer(token), retryAttempts: 0 })
  const results = client.iterate({ query, ...(variables && { variables }) })
  onTestFinished(async () => {
    await client.dispose()
  })
  return { next: async () => (await results.next()).value as Result, client }
}

async function followed(target: TestTarget, stream: string, count: number): Promise<void> {
  const headers = bearer(await target.token('consumer'))
  for (;;) {
    const answer = await fetch(`${target.url}/v1/streams/${stream}/stats`, { headers })
    if (((await answer.json()) as { subscribers: number }).subscribers === count) return
  }
}

describe('GraphQL over HTTP', () => {
  it('passes all audits of the GraphQL-over-HTTP specification', async () => {
    const { url } = await testTarget(on)
    const results = await auditServer({ url: `${url}/graphql` })
    expect(results.filter(({ status }) => status !== 'ok').map(({ name }) => name)).toEqual([])
    expect(results.length).toBeGreaterThan(50)
  })

  it('shows the same catalog and orders as REST', async () => {
    const target = await testTarget(on)
    const { body } = await ask(target, {
      query: `{ products(category: "books", sort: price_descending, limit: 3, page: 2) { total page items { id sku name price tags stock } }
        order(id: 5001) { id user_id status total items { product_id quantity product { id } } }
        orders(status: shipped, limit: 1) { total items { id } } }`,
    })
    const rest = async (path: string) => (await (await fetch(`${target.url}/api/v1${path}`)).json()) as never
    const { products, order, orders } = body.data as Record<string, { items: object[]; total: number }>
    const page = (await rest('/products?category=books&sort=-price&limit=3&page=2')) as {
      items: object[]
      total: number
    }
    expect(page).toMatchObject(products!)
    const restOrder = (await rest('/orders/5001')) as { items: { product_id: number }[] }
    expect({
      ...restOrder,
      items: restOrder.items.map(item => ({ ...item, product: { id: item.product_id } })),
    }).toMatchObject(order!)
    expect(await rest('/orders?status=shipped&limit=1')).toMatchObject(orders!)
  })

  it('answers fields that fail with null, an error of the API and status 200', async () => {
    const target = await testTarget(on)
    const { status, body } = await ask(target, {
      query:
        'mutation { good: createOrder(input: { product_id: 1 }) { total } bad: createOrder(input: { product_id: 999999 }) { id } }',
    })
    expect(status).toBe(200)
    expect(body.data).toEqual({ good: { total: expect.any(Number) as number }, bad: null })
    expect(body.errors).toMatchObject([{ path: ['bad'], extensions: { code: 'unknown_product', status: 422 } }])
  })

  it('demands the scopes of the REST API, and counts refused tokens', async () => {
    const target = await testTarget(on)
    const event = { event_type: 'order.created', event_id: 'e', data: {} }
    const codes = async (headers?: Record<string, string>) =>
      (await ask(target, { query: PUBLISH, variables: { e: event } }, headers)).body.errors?.map(e => e.extensions.code)
    expect(await codes()).toEqual(['invalid_token'])
    expect(await codes(bearer(await target.token('consumer')))).toEqual(['insufficient_scope'])
    expect(await codes(bearer(await target.token()))).toBeUndefined()
    expect((await ask(target, { query: '{ categories { slug } }' }, bearer('nonsense'))).status).toBe(401)
    const { tokens } = await target.settledLedger()
    expect(tokens.refused).toEqual({ invalid_token: 2, insufficient_scope: 1 })
  })

  it('serves a mutation once for an Idempotency-Key, and again if it had no effect', async () => {
    const target = await testTarget(on)
    const order = async (product: number, key: string) => {
      const query = `mutation { createOrder(input: { product_id: ${product} }) { id } }`
      const { body, headers } = await ask(target, { query }, { 'idempotency-key': key })
      return { data: body.data, replayed: headers.get('idempotent-replayed') }
    }
    const first = await order(1, 'k-1')
    expect(first.data).toEqual({ createOrder: { id: expect.any(Number) as number } })
    expect(await order(1, 'k-1')).toEqual({ ...first, replayed: 'true' })
    expect(await order(1, 'k-2')).not.toEqual(first)
    expect(await order(999_999, 'k-3')).toEqual({ data: { createOrder: null }, replayed: null })
    expect(await order(999_999, 'k-3')).toEqual({ data: { createOrder: null }, replayed: null })
  })

  it('is refused while it is off, under the names of its operations', async () => {
    const target = await testTarget()
    expect((await ask(target, { query: '{ categories { slug } }' })).status).toBe(404)
    expect((await fetch(`${target.url}/graphql/stream?query=x`)).status).toBe(404)
    const { operations } = await target.settledLedger()
    expect(operations.map(({ operation, statuses }) => [operation, statuses])).toEqual([
      ['graphql.query', { 404: 1 }],
      ['graphql.stream_get', { 404: 1 }],
    ])
  })

  it('tells its schema unless that is switched off', async () => {
    const query = '{ __schema { queryType { name } } }'
    expect((await ask(await testTarget(on), { query })).body.data).toEqual({
      __schema: { queryType: { name: 'Query' } },
    })
    const { body } = await ask(await testTarget({ ...on, 'graphql.introspection': 'false' }), { query })
    expect(body.data).toBeUndefined()
    expect(body.errors).not.toHaveLength(0)
  })
})

describe('one truth', () => {
  it.each(['ws', 'sse'] as const)(
    'events published by REST and by GraphQL have the same places over %s',
    async over => {
      const target = await testTarget(on)
      const { next } = follower(target, over, await target.token('consumer'), EVENTS, { s: ['orders'] })
      const first = next()
      await followed(target, 'orders', 1)
      const byRest = await publish(target, 'rest-1')
      const event = { event_type: 'order.created', event_id: 'graphql-1', data: { total: 2 } }
      const byGraphql = await ask(target, { query: PUBLISH, variables: { e: event } }, bearer(await target.token()))
      expect(byGraphql.body.extensions).toEqual({ events: { accepted: 1, duplicate: 0, rejected: 0 } })
      const results = [(await first).data!['events'], (await next()).data!['events']]
      expect(results).toMatchObject([
        {
          event_id: 'rest-1',
          stream: 'orders',
          partition: byRest['partition'],
          offset: byRest['offset'],
          data: { total: 1 },
        },
        { ...(byGraphql.body.data!['publishEvent'] as object), data: { total: 2 } },
      ])
      // The cursor of one protocol resumes another.
      const { cursor } = results[0] as { cursor: string }
      const polled = await fetch(`${target.url}/v1/streams/orders/poll?cursor=${cursor}`, {
        headers: bearer(await target.token('consumer')),
      })
      expect(await polled.json()).toMatchObject({
        events: [{ event_id: 'graphql-1' }],
        cursor: (results[1] as { cursor: string }).cursor,
      })
    },
  )

  it.each(['ws', 'sse'] as const)('a room is the same over %s, GraphQL and /ws/chat', async over => {
    const target = await testTarget(on)
    const { next } = follower(target, over, 'demo-jwt-token-ann', ROOM)
    const first = next()
    const bob = await NaiveSocket.open(`${target.url}/ws/chat?token=demo-jwt-token-bob`)
    let members = 0
    while (members < 2) {
      members = (await bob.ask({ action: 'subscribe', channel: 'lobby' }))['members'] as number
    }
    await bob.ask({
      action: 'publish',
      channel: 'lobby',
      message: { id: 1, text: 'by socket', sentAt: 5, extra: true },
    })
    const query =
      'mutation { sendMessage(channel: "lobby", message: { id: "two", text: "by GraphQL" }) { sequence id } }'
    const sent = await ask(target, { query }, person('eve'))
    expect(sent.body.data).toEqual({ sendMessage: { sequence: 2, id: 'two' } })
    expect(await bob.next()).toMatchObject({ type: 'message_delivered', sequence: 2, message: { text: 'by GraphQL' } })
    expect([(await first).data, (await next()).data]).toEqual([
      { messages: { channel: 'lobby', sequence: 1, id: 1, text: 'by socket', senderId: null, sentAt: 5 } },
      { messages: { channel: 'lobby', sequence: 2, id: 'two', text: 'by GraphQL', senderId: null, sentAt: null } },
    ])
    const history = await ask(
      target,
      { query: '{ messages(channel: "lobby", after: 1) { complete messages { sequence } } }' },
      person('x'),
    )
    expect(history.body.data).toEqual({ messages: { complete: true, messages: [{ sequence: 2 }] } })
  })
})

describe('other clients', () => {
  it('urql queries, and subscribes over both transports', async () => {
    const target = await testTarget(on)
    const token = await target.token('consumer')
    for (const over of ['ws', 'sse'] as const) {
      const { client: carrier } = follower(target, over, token, EVENTS, { s: ['pricing'] })
      const client = new Client({
        url: `${target.url}/graphql`,
        preferGetMethod: false,
        exchanges: [
          cacheExchange,
          fetchExchange,
          subscriptionExchange({
            forwardSubscription: ({ query = '', variables }) => ({
              subscribe: sink => ({
                unsubscribe: carrier.subscribe(
                  { query, variables: variables as Record<string, unknown> },
                  sink as never,
                ),
              }),
            }),
          }),
        ],
      })
      const { data } = await client.query(
        gql`query Cheap { products(sort: price, limit: 1) { items { id price } } }`,
        {},
      )
      expect(data).toMatchObject({ products: { items: [{ id: expect.any(Number) as number }] } })
      const got = new Promise(resolve => {
        const subscription = client.subscription(gql(EVENTS), { s: ['orders'] }).subscribe(result => {
          resolve(result.data)
          subscription.unsubscribe()
        })
      })
      await followed(target, 'orders', 1)
      await publish(target, `urql-${over}`)
      expect(await got).toMatchObject({ events: { event_id: `urql-${over}` } })
      await followed(target, 'orders', 0)
    }
  })
})

describe('a subscription that is behind', () => {
  it.each(['ws', 'sse'] as const)(
    'reads what is kept over %s, and is told of a reset where its cursor is of an earlier epoch',
    async over => {
      const target = await testTarget(on)
      await publish(target, 'before')
      const { cursor } = (await (
        await fetch(`${target.url}/v1/streams/orders/stats`, { headers: bearer(await target.token('consumer')) })
      ).json()) as { cursor: string }
      await fetch(`${target.url}/_loadcell/reset`, { method: 'POST' })
      for (let n = 0; n < 300; n += 1) await publish(target, `after-${n}`)
      const query = 'subscription ($after: String) { it: events(streams: ["orders"], after: $after) { event_id } }'
      const { next } = follower(target, over, await target.token('consumer'), query, { after: cursor })
      expect(await next()).toMatchObject({ data: { it: null }, extensions: { reset: { reason: 'epoch_changed' } } })
      for (let n = 0; n < 300; n += 1) expect((await next()).data).toEqual({ it: { event_id: `after-${n}` } })
      await publish(target, 'live')
      expect((await next()).data).toEqual({ it: { event_id: 'live' } })
    },
  )

  it('may be one of several on a WebSocket: each reads its own stream from its own place', async () => {
    const target = await testTarget(on)
    for (let n = 0; n < 100; n += 1) await publish(target, `e-${n}`)
    const client = createWsClient({
      url: `${target.url.replace('http', 'ws')}/graphql/subscriptions`,
      webSocketImpl: WebSocket,
      connectionParams: bearer(await target.token('consumer')),
      retryAttempts: 0,
    })
    onTestFinished(() => client.dispose())
    const query = (from: string) => `subscription { events(streams: ["orders"], from: ${from}) { event_id } }`
    const [all, again, live] = ['earliest', 'earliest', 'latest'].map(from => client.iterate({ query: query(from) }))
    const ids = async (results: AsyncIterable<{ data?: unknown }>, count: number) => {
      const seen: string[] = []
      for await (const { data } of results) {
        seen.push((data as { events: { event_id: string } }).events.event_id)
        if (seen.length === count) return seen
      }
      return seen
    }
    const kept = Array.from({ length: 100 }, (_, n) => `e-${n}`)
    const reading = Promise.all([ids(all!, 101), ids(again!, 101), ids(live!, 1)])
    await followed(target, 'orders', 3)
    await publish(target, 'last')
    expect(await reading).toEqual([[...kept, 'last'], [...kept, 'last'], ['last']])
    await followed(target, 'orders', 0)
  })

  it('ends with 4401 when its token is revoked', async () => {
    const target = await testTarget({ ...on, 'sockets.pingInterval': '100ms' })
    const token = await target.token('consumer')
    const codes: number[] = []
    const client = createWsClient({
      url: `${target.url.replace('http', 'ws')}/graphql/subscriptions`,
      webSocketImpl: WebSocket,
      connectionParams: bearer(token),
      retryAttempts: 0,
      on: { closed: event => codes.push((event as { code: number }).code) },
    })
    onTestFinished(() => client.dispose())
    const results = client.iterate({ query: 'subscription { events(streams: ["orders"]) { event_id } }' })
    const ended = expect(results.next()).rejects.toMatchObject({ code: 4401 })
    await followed(target, 'orders', 1)
    const secret = { client_id: 'notification-dashboard', client_secret: 'consumer-secret', token }
    await fetch(`${target.url}/oauth/revoke`, { method: 'POST', body: new URLSearchParams(secret) })
    await ended
    expect(codes).toEqual([4401])
  })
})
