import { expect, test } from 'vitest'
import type { Fault } from '../../../contract/faults/fault.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { scenario, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'
import { consumer, once, producer, quiet } from './quiet-trial.ts'

const on = { ...quiet, 'grpc.enabled': 'true' }
const EVENTS = 'loadcell.v1.Events'

interface Item {
  event?: { offset: number; json: string }
}

const order = (id: string) => ({ event_type: 'order.created', event_id: id, partition_key: 'a', data_json: '{}' })

test('both ends agree on all four kinds of calls, over gRPC and REST', async () => {
  const { result, ledger, compared } = await bothEnds(
    on,
    scenario({
      load: once,
      users: [
        user('all', {
          async iterate({ grpc, http, auth, fake, check }) {
            await auth.clientCredentials(...consumer)
            const orders = await grpc.stream<Item>(`${EVENTS}/Subscribe`, { streams: ['orders'], from: 'EARLIEST' })
            await auth.clientCredentials(...producer)
            const first = await grpc.call<{ offset: number }>(`${EVENTS}/Publish`, order('first'))
            const again = await grpc.call<{ duplicate: boolean }>(`${EVENTS}/Publish`, order('first'))
            const refused = await grpc.call(
              `${EVENTS}/Publish`,
              { ...order('x'), data_json: 'no JSON' },
              { expect: 'INVALID_ARGUMENT' },
            )
            const all = await grpc.call<{ accepted_count: number }>(
              `${EVENTS}/PublishAll`,
              Array.from({ length: 20 }, (_, n) => order(`all-${n}`)),
            )
            await http.post('/v1/events/publish', { json: { ...fake.orderCreated(), partition_key: 'a' } })
            const offsets: (number | undefined)[] = []
            for (let n = 0; n < 22; n += 1) offsets.push((await orders.next())?.event?.offset)
            const ending = await orders.close()
            auth.bearer('demo-jwt-token-ana')
            const [ana, ben] = [
              await grpc.stream('loadcell.v1.Chat/Converse'),
              await grpc.stream('loadcell.v1.Chat/Converse'),
            ]
            for (const member of [ana, ben]) {
              await member.send({ join: { channel: 'room:lobby' } })
              await member.next()
            }
            await ana.send({ say: { id: 'm-1', text: 'hello', sent_at: Date.now() } })
            const accepted = (await ana.next()) as { accepted: { sequence: number } }
            const heard = (await ben.next()) as { message: { sequence: number } }
            const quotes = await grpc.stream<{ quote?: object }>('loadcell.v1.Quotes/Follow', {
              symbols: ['NASDAQ:AAPL'],
            })
            const quote = await quotes.next()
            check(0, {
              'first offset': () => first.answer?.offset === 0,
              'a repeat is known': () => again.answer?.duplicate === true,
              'a refusal says why': () => refused.ok && refused.details[0]?.value['reason'] === 'malformed_json',
              'all are accepted': () => all.answer?.accepted_count === 20,
              'offsets go on': () => offsets.every((offset, n) => offset === n),
              'ends well': () => ending.status === 'OK',
              'same sequence': () => heard.message.sequence === accepted.accepted.sequence,
              'a quote': () => quote?.quote != null,
            })
          },
        }),
      ],
    }),
  )
  expect(result.checks.filter(({ fails }) => fails > 0)).toEqual([])
  expect(result.errors).toEqual([])
  expect(ledger.events).toMatchObject({ received: 24, accepted: 22, duplicate: 1, rejected: 1 })
  expect(compared).toContain('events delivered of chat:room:lobby')
  expect(result.totals.events).toMatchObject({ gaps: 0, duplicates: 0, outOfOrder: 0 })
})

const COUNT = 150
const faults: Fault[] = [{ type: 'drop' }, { type: 'duplicate' }, { type: 'malformed' }]
const rules: FaultRule[] = faults.map(fault => ({
  id: fault.type,
  match: { operation: 'grpc.subscribe', channel: 'orders' },
  share: 0.08,
  fault,
}))

test('both ends agree on messages of gRPC that suffer faults, and the client finds gaps and duplicates', async () => {
  const { result, ledger } = await bothEnds(
    { ...on, 'faults.rules': JSON.stringify(rules) },
    scenario({
      load: once,
      users: [
        user('reader', {
          async iterate({ http, grpc, auth, fake }) {
            await auth.clientCredentials(...consumer)
            const orders = await grpc.stream(`${EVENTS}/Subscribe`, { streams: ['orders'], from: 'EARLIEST' })
            await auth.clientCredentials(...producer)
            const events = Array.from({ length: COUNT }, () => fake.orderCreated())
            await http.post('/v1/events/batch', { json: { stream: 'orders', events } })
            while ((await orders.next({ timeout: '300ms' })) !== undefined) continue
          },
        }),
      ],
    }),
  )
  const [account] = ledger.streams.deliveries
  const { gaps, duplicates } = result.totals.events
  const { malformed = 0, duplicated = 0 } = account!.injected ?? {}
  const dropped = account!.dropped['injected'] ?? 0
  expect(dropped, 'dropped').toBeGreaterThan(0)
  expect(malformed, 'malformed').toBeGreaterThan(0)
  expect(duplicated, 'duplicated').toBeGreaterThan(0)
  expect(result.errors).toMatchObject([{ reason: 'body', count: malformed }])
  expect(gaps, 'gaps').toBeGreaterThan(0)
  expect(gaps, 'gaps').toBeLessThanOrEqual(dropped + malformed)
  expect(duplicates, 'duplicates').toBeGreaterThan(0)
  expect(duplicates, 'duplicates').toBeLessThanOrEqual(duplicated)
})

const endings: { fault: Fault; expected: string; failure: string }[] = [
  { fault: { type: 'status', status: 503 }, expected: 'UNAVAILABLE', failure: 'grpc_status' },
  { fault: { type: 'status', status: 429, retryAfter: '2s' }, expected: 'RESOURCE_EXHAUSTED', failure: 'grpc_status' },
  { fault: { type: 'status', status: 500, at: 'after_handler' }, expected: 'INTERNAL', failure: 'grpc_status' },
  { fault: { type: 'close_early', afterBytes: 7 }, expected: 'CANCELLED', failure: 'closed' },
  { fault: { type: 'corrupt', how: 'empty_body' }, expected: 'OK', failure: 'body' },
  { fault: { type: 'reset' }, expected: 'INTERNAL', failure: 'reset' },
  { fault: { type: 'hang' }, expected: 'DEADLINE_EXCEEDED', failure: 'timeout' },
  { fault: { type: 'delay', distribution: '60s' }, expected: 'DEADLINE_EXCEEDED', failure: 'timeout' },
]

test.each(endings)(
  'a $fault.type $fault.status of a unary call is $expected at both ends',
  async ({ fault, expected, failure }) => {
    const { result, ledger } = await bothEnds(
      { ...on, 'faults.rules': JSON.stringify([{ id: 'it', match: { operation: 'grpc.publish' }, fault }]) },
      scenario({
        load: once,
        users: [
          user('publisher', {
            async iterate({ grpc, auth, check }) {
              await auth.clientCredentials(...producer)
              const deadline = expected === 'DEADLINE_EXCEEDED' ? '300ms' : '1m'
              const answer = await grpc.call(`${EVENTS}/Publish`, order('one'), { deadline })
              check(answer, {
                [`ends with ${expected}`]: ({ status }) => status === expected,
                'is a failure': found => found.failure === failure,
              })
            },
          }),
        ],
      }),
    )
    expect(result.checks.filter(({ fails }) => fails > 0)).toEqual([])
    expect(result.errors).toMatchObject([{ reason: failure, count: 1 }])
    expect(ledger.faults.rules.find(({ id }) => id === 'it')).toMatchObject({ injected: 1 })
  },
)

const streamEndings: { fault: Fault; scope?: 'connection'; expected: string; failure: string }[] = [
  { fault: { type: 'status', status: 503 }, expected: 'UNAVAILABLE', failure: 'grpc_status' },
  { fault: { type: 'reset' }, expected: 'INTERNAL', failure: 'reset' },
  { fault: { type: 'disconnect', afterMessages: 3 }, scope: 'connection', expected: 'INTERNAL', failure: 'reset' },
  {
    fault: { type: 'disconnect', afterMessages: 3, code: 1013 },
    scope: 'connection',
    expected: 'UNAVAILABLE',
    failure: 'grpc_status',
  },
]

test.each(streamEndings)(
  'a $fault.type of a stream is $expected at both ends',
  async ({ fault, scope, expected, failure }) => {
    const rule = { id: 'it', match: { operation: 'grpc.subscribe' }, fault, ...(scope && { scope }) }
    const { result, ledger } = await bothEnds(
      { ...on, 'faults.rules': JSON.stringify([rule]) },
      scenario({
        load: once,
        users: [
          user('reader', {
            async iterate({ grpc, http, auth, fake, check }) {
              await auth.clientCredentials(...producer)
              const events = Array.from({ length: 10 }, () => fake.orderCreated())
              await http.post('/v1/events/batch', { json: { stream: 'orders', events } })
              await auth.clientCredentials(...consumer)
              const orders = await grpc.stream(`${EVENTS}/Subscribe`, { streams: ['orders'], from: 'EARLIEST' })
              check(await orders.ended, { [`ends with ${expected}`]: ({ status }) => status === expected })
            },
          }),
        ],
      }),
    )
    expect(result.checks.filter(({ fails }) => fails > 0)).toEqual([])
    expect(result.errors).toMatchObject([{ reason: failure, count: 1 }])
    expect(ledger.faults.rules.find(({ id }) => id === 'it')).toMatchObject({ injected: 1 })
  },
)
