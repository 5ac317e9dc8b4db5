import { expect, it, test } from 'vitest'
import type { Fault } from '../../../contract/faults/fault.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { type GraphqlResult, scenario, user } from '../../../harness/scenario.ts'
import { foreignGraphql } from '../../support/foreign-graphql.ts'
import { bothEnds } from './both-ends.ts'
import { consumer, once, producer, quiet } from './quiet-trial.ts'

const on = { ...quiet, 'graphql.enabled': 'true' }

const PUBLISH = 'mutation Publish($e: EventInput!) { publishEvent(event: $e) { offset } }'
const FOLLOW = `subscription Follow { events(streams: ["orders"], from: earliest) { event_id offset timestamp } }`

it('counts errors in a 200 as failures, with their code and path, and names requests by their operation', async () => {
  const { result } = await bothEnds(
    on,
    scenario({
      load: once,
      users: [
        user('shopper', {
          async iterate({ graphql, check }) {
            const good = await graphql.query<{ product: { id: number } }>(
              'query One($id: Int!) { product(id: $id) { id } }',
              {
                variables: { id: 3 },
              },
            )
            const bad = await graphql.query('mutation Buy { createOrder(input: { product_id: 999999 }) { id } }')
            const wrong = await graphql.query('{ nope }', { name: 'Wrong' })
            const wanted = await graphql.query('query Nope { nope }', { expectErrors: true })
            check(good, { 'has data': ({ ok, data }) => ok && data?.product.id === 3 })
            check([bad, wrong, wanted], {
              'has errors': ([bad, wrong, wanted]) =>
                bad!.failure === 'graphql_error' &&
                bad!.status === 200 &&
                !wrong!.ok &&
                wrong!.status === 400 &&
                wanted!.ok,
            })
          },
        }),
      ],
    }),
  )
  expect(result.checks.map(({ name, passes, fails }) => ({ name, passes, fails }))).toEqual([
    { name: 'has data', passes: 1, fails: 0 },
    { name: 'has errors', passes: 1, fails: 0 },
  ])
  expect(result.errors.map(({ reason, name, status, count }) => ({ reason, name, status, count }))).toEqual([
    { reason: 'graphql_error', name: 'Buy', status: 200, count: 1 },
    { reason: 'graphql_error', name: 'Wrong', status: 400, count: 1 },
  ])
  expect(result.errors[0]!.example).toContain('unknown_product at createOrder')
})

const EVENTS = 150
const faults: Fault[] = [
  { type: 'drop' },
  { type: 'duplicate' },
  { type: 'malformed' },
  { type: 'reorder', distance: 2 },
]

const rules = (operation: string): FaultRule[] => [
  ...faults.map(fault => ({ id: fault.type, match: { operation }, share: 0.05, fault })),
  { id: 'lost', match: { operation: 'graphql.query' }, share: 0.1, fault: { type: 'reset', at: 'after_handler' } },
  { id: 'cut', match: { operation: 'graphql.query' }, share: 0.1, fault: { type: 'corrupt', how: 'truncated_json' } },
  { id: 'busy', match: { operation: 'graphql.query' }, share: 0.1, fault: { type: 'status', status: 503 } },
]

test.each([
  ['ws', 'graphql.subscribe'],
  ['sse', 'graphql.stream'],
] as const)('both ends agree on mutations and a subscription over %s that suffer faults', async (over, operation) => {
  const { result, ledger } = await bothEnds(
    { ...on, 'faults.rules': JSON.stringify(rules(operation)) },
    scenario({
      load: once,
      users: [
        user('reader', {
          async iterate({ graphql, auth, fake }) {
            await auth.clientCredentials(...producer)
            for (let n = 0; n < EVENTS; n += 1) await graphql.query(PUBLISH, { variables: { e: fake.orderCreated() } })
            await auth.clientCredentials(...consumer)
            for await (const _ of graphql.subscribe(FOLLOW, { over, until: '1s' })) continue
          },
        }),
      ],
    }),
  )
  const { accepted } = ledger.events
  expect(accepted).toBeGreaterThan(EVENTS / 2)
  expect(ledger.faults.rules.filter(({ injected }) => injected > 0)).toHaveLength(7)
  const account = over === 'ws' ? ledger.sockets.endpoints[0]! : ledger.streams.deliveries[0]!
  expect(account.dropped['injected']).toBeGreaterThan(0)
  const { gaps, duplicates, outOfOrder } = result.totals.events
  expect({ duplicates, outOfOrder }).toEqual({
    duplicates: account.injected?.duplicated,
    outOfOrder: account.injected?.reordered,
  })
  // A client cannot know that it missed the first or the last events.
  const missed = account.dropped['injected']! + (account.injected?.malformed ?? 0)
  expect(gaps).toBeGreaterThan(missed - 4)
  expect(gaps).toBeLessThanOrEqual(missed)
})

test.each(['ws', 'sse'] as const)('a subscription over %s that is cut goes on after its last event', async over => {
  const seen: number[] = []
  const cut: FaultRule = {
    id: 'cut',
    match: { operation: 'graphql.*' },
    scope: 'connection',
    fault: { type: 'disconnect', afterMessages: 40 },
  }
  const { result } = await bothEnds(
    { ...on, 'faults.rules': JSON.stringify([cut]), 'streams.retry': '50ms' },
    scenario({
      load: once,
      users: [
        user('reader', {
          async iterate({ http, graphql, auth, fake }) {
            await auth.clientCredentials(...producer)
            const events = Array.from({ length: 100 }, () => fake.orderCreated())
            await http.post('/v1/events/batch', { json: { stream: 'orders', events } })
            await auth.clientCredentials(...consumer)
            const results = graphql.subscribe<{ events: { offset: number } }>(FOLLOW, { over, events: 100 })
            for await (const { data } of results) seen.push(data!.events.offset)
          },
        }),
      ],
    }),
  )
  expect(seen).toEqual(Array.from({ length: 100 }, (_, offset) => offset))
  const { gaps, duplicates, outOfOrder } = result.totals.events
  expect({ gaps, duplicates, outOfOrder }).toEqual({ gaps: 0, duplicates: 0, outOfOrder: 0 })
})

test('a server of another maker is queried and followed over both transports, and its sequences are checked', async () => {
  const { url, requests } = await foreignGraphql()
  const results: GraphqlResult<{ ticks: { sequence: number } }>[] = []
  const { result } = await bothEnds(
    on,
    scenario({
      load: once,
      hosts: { shop: url },
      users: [
        user('visitor', {
          async iterate({ graphql, check }) {
            const path = 'shop:/graphql'
            const hello = await graphql.query<{ hello: string }>('query Hello { hello(name: "you") }', { path })
            const broken = await graphql.query('query Broken { broken }', { path })
            check(hello, { greets: ({ ok, data }) => ok && data?.hello === 'hello you' })
            check(broken, { fails: ({ ok, status, errors }) => !ok && status === 200 && errors?.length === 1 })
            for (const over of ['ws', 'sse'] as const) {
              const ticks = 'subscription Ticks { ticks(count: 20, skip: 7) { topic sequence timestamp } }'
              for await (const tick of graphql.subscribe<{ ticks: { sequence: number } }>(ticks, { path, over }))
                results.push(tick)
            }
            for (const over of ['ws', 'sse'] as const) {
              try {
                for await (const _ of graphql.subscribe('subscription Wrong { nope }', {
                  path,
                  over,
                  reconnect: false,
                }))
                  continue
              } catch (error) {
                check(error, { 'is refused': thrown => (thrown as Error).message.startsWith('cannot follow') })
              }
            }
          },
        }),
      ],
    }),
  )
  expect(requests).toContain('POST /graphql application/graphql-response+json, application/json;q=0.9')
  const once19 = Array.from({ length: 20 }, (_, n) => n + 1).filter(n => n !== 7)
  expect(results.map(({ data }) => data!.ticks.sequence)).toEqual([...once19, ...once19])
  expect(result.checks.map(({ name, fails }) => ({ name, fails }))).toEqual(
    ['fails', 'greets', 'is refused'].map(name => ({ name, fails: 0 })),
  )
  expect(result.totals.events).toMatchObject({ gaps: 2, duplicates: 0, outOfOrder: 0 })
  expect(result.errors.map(({ reason, name }) => `${reason} ${name}`).sort()).toContain('graphql_error Broken')
})
