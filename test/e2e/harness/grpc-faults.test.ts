import { expect, test } from 'vitest'
import type { Fault } from '../../../contract/faults/fault.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import type { KnownOperation } from '../../../contract/api/operations.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { scenario, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'
import { consumer, once, producer, quiet } from './quiet-trial.ts'

const on = { ...quiet, 'grpc.enabled': 'true' }
const EVENTS = 'loadcell.v1.Events'
const COUNT = 40

const order = (id: string) => ({ event_type: 'order.created', event_id: id, partition_key: 'a', data_json: '{}' })

function withRule(operation: KnownOperation, fault: Fault, rest: Partial<FaultRule> = {}): Record<string, string> {
  return { ...on, 'faults.rules': JSON.stringify([{ id: 'it', match: { operation }, fault, ...rest }]) }
}

function injectedIn({ faults }: LedgerReport): number | undefined {
  return faults.rules.find(({ id }) => id === 'it')?.injected
}

/** Publishes one event under a rule. */
async function publishedUnder(fault: Fault, rest: Partial<FaultRule> = {}) {
  let answer: Record<string, unknown> | undefined
  let [status, failure] = ['', '']
  let durationMs = 0
  const ends = await bothEnds(
    withRule('grpc.publish', fault, rest),
    scenario({
      load: once,
      users: [
        user('publisher', {
          async iterate({ grpc, auth }) {
            await auth.clientCredentials(...producer)
            const ended = await grpc.call(`${EVENTS}/Publish`, order('one'))
            answer = ended.answer
            status = ended.status
            failure = ended.failure ?? ''
            durationMs = ended.durationMs
          },
        }),
      ],
    }),
  )
  return { ...ends, answer, status, failure, durationMs }
}

const slow: [name: string, fault: Fault, leastMs: number][] = [
  ['dribble', { type: 'dribble', bytesPerSecond: 200 }, 100],
  ['stall', { type: 'stall', duration: '60ms' }, 55],
  ['capacity', { type: 'capacity', servers: 1, service: '60ms' }, 55],
]

test.each(slow)('a %s makes a unary call slow, and both ends agree on it', async (_name, fault, leastMs) => {
  const { answer, status, durationMs, ledger, compared, result } = await publishedUnder(fault)
  expect(status).toBe('OK')
  expect(answer).toMatchObject({ event_id: 'one' })
  expect(durationMs, 'ms').toBeGreaterThanOrEqual(leastMs)
  expect(injectedIn(ledger), 'injected').toBe(1)
  expect(compared).toContain('grpc.publish ended with OK')
  expect(result.errors).toEqual([])
})

test('a station without room refuses unary calls with UNAVAILABLE, and both ends count them', async () => {
  const { result, ledger } = await bothEnds(
    withRule('grpc.publish', { type: 'capacity', servers: 1, service: '1s', queue: 0 }),
    scenario({
      load: once,
      users: [
        user('publisher', {
          async iterate({ grpc, auth }) {
            await auth.clientCredentials(...producer)
            await Promise.all(['a', 'b', 'c'].map(id => grpc.call(`${EVENTS}/Publish`, order(id))))
          },
        }),
      ],
    }),
  )
  expect(ledger.grpc).toEqual([{ operation: 'grpc.publish', statuses: { OK: 1, UNAVAILABLE: 2 } }])
  expect(result.errors).toMatchObject([{ reason: 'grpc_status', count: 2 }])
})

const unreadable = ['invalid_json', 'truncated_json', 'error_body'] as const

test.each(unreadable)('an answer that is corrupt by %s cannot be decoded', async how => {
  const { failure, status, ledger } = await publishedUnder({ type: 'corrupt', how })
  expect(status).toBe('OK')
  expect(failure).toBe('body')
  expect(injectedIn(ledger), 'injected').toBe(1)
})

test('an answer with a wrong_content_type is read by a client that does not look at it', async () => {
  const { answer, status, ledger } = await publishedUnder({ type: 'corrupt', how: 'wrong_content_type' })
  expect(status).toBe('OK')
  expect(answer).toMatchObject({ event_id: 'one' })
  expect(injectedIn(ledger), 'injected').toBe(1)
})

test('an answer with flipped bits keeps its length, so that both ends agree on its bytes', async () => {
  const { status, ledger, compared } = await publishedUnder({ type: 'corrupt', how: 'bit_flips', flips: 12 })
  expect(status).toBe('OK')
  expect(compared).toContain('grpc.publish bytes received')
  expect(injectedIn(ledger), 'injected').toBe(1)
})

test('an answer that is corrupt by wrong_id has another id', async () => {
  const { answer, failure, ledger } = await publishedUnder({ type: 'corrupt', how: 'wrong_id' })
  expect(failure).toBe('')
  expect(answer).toMatchObject({ event_id: 'ona' })
  expect(injectedIn(ledger), 'injected').toBe(1)
})

test.each(['missing_field', 'null_field'] as const)('an answer that is corrupt by %s lacks a field', async how => {
  const whole = await publishedUnder({ type: 'corrupt', how }, { share: 0 })
  const { answer, ledger } = await publishedUnder({ type: 'corrupt', how })
  const changed = Object.entries(whole.answer!).filter(([name, value]) => answer?.[name] !== value)
  expect(changed.length, `fields of ${JSON.stringify(answer)} that differ`).toBeGreaterThan(0)
  expect(injectedIn(ledger), 'injected').toBe(1)
})

test('a summary that is corrupt by empty_list lists no rejected events', async () => {
  const { result, ledger } = await bothEnds(
    withRule('grpc.publish_all', { type: 'corrupt', how: 'empty_list' }),
    scenario({
      load: once,
      users: [
        user('publisher', {
          async iterate({ grpc, auth, check }) {
            await auth.clientCredentials(...producer)
            const events = [order('a'), { ...order('b'), data_json: 'no JSON' }]
            const { answer } = await grpc.call<{ rejected: object[]; rejected_count: number }>(
              `${EVENTS}/PublishAll`,
              events,
            )
            check(answer, { 'the list is empty': found => found?.rejected_count === 1 && found.rejected.length === 0 })
          },
        }),
      ],
    }),
  )
  expect(result.checks.filter(({ fails }) => fails > 0)).toEqual([])
  expect(injectedIn(ledger), 'injected').toBe(1)
})

/** Follows events that are published under a rule. */
async function followedUnder(fault: Fault, rest: Partial<FaultRule>) {
  return bothEnds(
    withRule('grpc.subscribe', fault, rest),
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
            for (let read = 0; read < COUNT; read += 1) await orders.next()
          },
        }),
      ],
    }),
  )
}

test('messages of gRPC that a rule reorders come out of order, and none is lost', async () => {
  const { result, ledger } = await followedUnder({ type: 'reorder', distance: 2 }, { share: 0.2 })
  expect(injectedIn(ledger), 'injected').toBeGreaterThan(0)
  expect(result.totals.events.outOfOrder, 'out of order').toBeGreaterThan(0)
  expect(result.totals.events).toMatchObject({ delivered: COUNT, gaps: 0, duplicates: 0 })
})

test.each<Fault>([
  { type: 'delay', distribution: '15ms' },
  { type: 'stall', duration: '5ms' },
])('messages of gRPC under a $type per message come late and in order', async fault => {
  const { result, ledger } = await followedUnder(fault, { share: 0.2, scope: 'message' })
  expect(injectedIn(ledger), 'injected').toBeGreaterThan(0)
  expect(result.totals.events).toMatchObject({ delivered: COUNT, gaps: 0, duplicates: 0, outOfOrder: 0 })
})

/** Says something in a room under a rule, and returns the answers to the speaker and what a listener heard. */
async function saidUnder(fault: Fault, timeout: string) {
  const answers: object[] = []
  const heard: object[] = []
  const ends = await bothEnds(
    withRule('grpc.chat', fault),
    scenario({
      load: once,
      users: [
        user('speaker', {
          begin: ({ auth }) => auth.bearer('demo-jwt-token-ana'),
          async iterate({ grpc }) {
            const [ana, ben] = [
              await grpc.stream('loadcell.v1.Chat/Converse'),
              await grpc.stream('loadcell.v1.Chat/Converse'),
            ]
            for (const member of [ben, ana]) {
              await member.send({ join: { channel: 'lobby' } })
              await member.next({ timeout })
            }
            await ana.send({ say: { id: 'm-1', text: 'hello', sent_at: Date.now() } })
            heard.push((await ben.next())!)
            const answer = await ana.next({ timeout })
            if (answer !== undefined) answers.push(answer)
          },
        }),
      ],
    }),
  )
  return { ...ends, answers, heard }
}

test('a partial_ack withholds the answers of a room, whose members hear the message', async () => {
  const { answers, heard, ledger } = await saidUnder({ type: 'partial_ack' }, '100ms')
  expect(answers).toEqual([])
  expect(heard).toMatchObject([{ message: { channel: 'lobby', sequence: 1 } }])
  expect(injectedIn(ledger), 'injected').toBe(3)
})

test('a misdirected_ack names another message of a room, and the stream goes on', async () => {
  const { answers, heard, ledger, result } = await saidUnder({ type: 'misdirected_ack' }, '20s')
  expect(answers).toMatchObject([{ accepted: { id: 'm-2', sequence: 1 } }])
  expect(heard).toMatchObject([{ message: { channel: 'lobby', sequence: 1 } }])
  expect(result.errors).toEqual([])
  expect(injectedIn(ledger), 'injected').toBe(3)
})

test.each([
  ['keeps', 0, false],
  ['loses', 1, true],
] as const)(
  'a stream of gRPC %s its keep_alive messages under mute_heartbeats with a share of %s',
  async (_what, share, isMuted) => {
    const { result } = await bothEnds(
      { ...withRule('grpc.subscribe', { type: 'mute_heartbeats' }, { share }), 'streams.keepAlive': '40ms' },
      scenario({
        load: once,
        users: [
          user('reader', {
            async iterate({ grpc, auth }) {
              await auth.clientCredentials(...consumer)
              const orders = await grpc.stream(`${EVENTS}/Subscribe`, { streams: ['orders'] })
              await orders.next({ timeout: '400ms' })
            },
          }),
        ],
      }),
    )
    const received = result.series.filter(({ metric }) => metric === 'grpc_streams_msgs_received')
    expect(received.length === 0, 'no message came').toBe(isMuted)
  },
)

test('both ends agree on the statuses of calls and streams, and on those that the client did not wait for', async () => {
  const { compared, ledger } = await bothEnds(
    withRule('grpc.publish', { type: 'delay', distribution: '150ms', at: 'before_first_byte' }),
    scenario({
      load: once,
      users: [
        user('all', {
          async iterate({ grpc, auth }) {
            await auth.clientCredentials(...producer)
            await grpc.call(`${EVENTS}/Publish`, order('late'), { deadline: '60ms' })
            await grpc.call(`${EVENTS}/Publish`, order('one'))
            await grpc.call('loadcell.v1.Quotes/Get', { symbol: 'none' }, { expect: 'INVALID_ARGUMENT' })
            const refused = await grpc.stream(`${EVENTS}/Subscribe`, { streams: ['orders'] })
            await refused.ended
            await auth.clientCredentials(...consumer)
            const orders = await grpc.stream(`${EVENTS}/Subscribe`, { streams: ['orders'] })
            await orders.close()
          },
        }),
      ],
    }),
  )
  expect(compared).toContain('grpc.publish ended with OK')
  expect(compared).toContain('grpc.subscribe ended with PERMISSION_DENIED')
  expect(compared).toContain('grpc.subscribe ended with OK')
  expect(ledger.grpc?.map(({ operation }) => operation)).toContain('grpc.quote')
})
