import { expect, test } from 'vitest'
import type { FaultRule } from '../../../contract/faults/rule.ts'

import { scenario, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'
import { consumer, once, producer, quiet } from './quiet-trial.ts'

const on = { ...quiet, 'socketio.enabled': 'true' }

test.each(['websocket', 'polling'] as const)(
  'both ends agree on what Socket.IO sends and delivers over %s, with its latency',
  async transport => {
    const { result, ledger, compared } = await bothEnds(
      on,
      scenario({
        load: once,
        users: [
          user('reader', {
            async iterate({ socketio, auth, fake, check, http }) {
              await auth.clientCredentials(...producer)
              const writer = await socketio.open('/streams', { transport })
              const event = fake.orderCreated()
              const first = await writer.emitWithAck('publish', event)
              const again = await writer.emitWithAck('publish', event)
              const wrong = await writer.emitWithAck('publish', { event_type: 'order_created' })
              check([first, again, wrong], {
                'tells the outcome': ([one, two, three]) =>
                  JSON.stringify([one, two, three])
                    .match(/"duplicate":(true|false)|"rejected":1/g)
                    ?.join() === '"duplicate":false,"duplicate":true,"rejected":1',
              })
              await http.post('/v1/events/publish', { json: fake.orderCreated(), name: 'publish' })
              await auth.clientCredentials(...consumer)
              const reader = await socketio.open('/streams', { transport, name: 'reader' })
              await reader.follow({ stream: 'orders', from: 'earliest' })
              const offsets: unknown[] = []
              for (let n = 0; n < 2; n += 1) {
                const received = await reader.next({ event: 'event' })
                offsets.push((received!.data as { offset: number }).offset)
              }
              check(offsets, { 'events of both protocols arrive in order': ([one, two]) => one === 0 && two === 1 })
              auth.bearer('demo-jwt-token-ana')
              const [ana, ben] = [
                await socketio.open('/chat', { transport }),
                await socketio.open('/chat', { transport, name: 'ben' }),
              ]
              await ben.follow({ channel: 'lobby' })
              await ana.emitWithAck('publish', {
                channel: 'lobby',
                message: { id: 1, text: 'hello', sentAt: Date.now() },
              })
              const said = await ben.next({ event: 'message_delivered' })
              check(said, { 'the room hears it': event => (event?.data as { sequence?: number })?.sequence === 1 })
              for (const each of [writer, reader, ana, ben]) await each.close()
            },
          }),
        ],
      }),
    )
    expect(result.errors).toEqual([])
    expect(result.checks.map(({ name, fails }) => ({ name, fails }))).toEqual([
      { name: 'events of both protocols arrive in order', fails: 0 },
      { name: 'tells the outcome', fails: 0 },
      { name: 'the room hears it', fails: 0 },
    ])
    expect(ledger.events).toMatchObject({ received: 4, accepted: 2, duplicate: 1, rejected: 1 })
    expect(ledger.sockets.endpoints).toMatchObject([
      { operation: 'socketio.connect', opened: 4, delivered: 3, closed: { client: 4 } },
    ])
    expect(compared).toContain('socketio.connect frames sent')
    expect(result.series.some(({ metric }) => metric === 'event_e2e_latency')).toBe(true)
  },
)

test('a connection that a fault cuts is opened again, and its state is recovered without a gap or a repeat', async () => {
  const sequences: number[] = []
  const recoveries: boolean[] = []
  const cut: FaultRule = {
    id: 'cut',
    match: { operation: 'socketio.connect' },
    fault: { type: 'disconnect', afterMessages: 6, code: 1012 },
  }
  const { result, ledger } = await bothEnds(
    { ...on, 'faults.rules': JSON.stringify([cut]) },
    scenario({
      load: once,
      users: [
        user('listener', {
          async iterate({ socketio, ws, auth }) {
            auth.bearer('demo-jwt-token-ana')
            const room = await socketio.open('/chat', { backoff: '5ms' })
            await room.follow({ channel: 'lobby' })
            const speaker = await ws.open('/ws/chat')
            for (let id = 1; id <= 6; id += 1) {
              await speaker.request({ action: 'publish', channel: 'lobby', message: { id } }, { type: 'message_ack' })
            }
            for (let n = 0; n < 6; n += 1) {
              const { data } = (await room.next({ event: 'message_delivered', timeout: '5s' }))!
              sequences.push((data as { sequence: number }).sequence)
            }
            recoveries.push(room.recovered)
          },
        }),
      ],
    }),
  )
  expect([sequences, recoveries]).toEqual([[1, 2, 3, 4, 5, 6], [true]])
  expect(result.totals.events).toMatchObject({ gaps: 0, duplicates: 0, outOfOrder: 0 })
  const account = ledger.sockets.endpoints.find(({ operation }) => operation === 'socketio.connect')
  expect(account?.closed).toMatchObject({ fault: 1, client: 1 })
})

test.each(['websocket', 'polling'] as const)(
  'a server that leaves out its pings over %s counts as silent',
  async transport => {
    const mute: FaultRule = { id: 'mute', match: { operation: 'socketio.connect' }, fault: { type: 'mute_heartbeats' } }
    const { result } = await bothEnds(
      {
        ...on,
        'socketio.pingInterval': '30ms',
        'socketio.pingTimeout': '30ms',
        'faults.rules': JSON.stringify([mute]),
      },
      scenario({
        load: once,
        users: [
          user('listener', {
            async iterate({ socketio }) {
              const connection = await socketio.open('/quotes', { transport, reconnect: false })
              await connection.next({ timeout: '5s' }).catch(() => undefined)
            },
          }),
        ],
      }),
    )
    expect(result.errors.map(({ reason }) => reason)).toContain('silent')
  },
)

test('a subscription that is refused is a failure with its reason', async () => {
  const { result } = await bothEnds(
    on,
    scenario({
      load: once,
      users: [
        user('reader', {
          async iterate({ socketio }) {
            const quotes = await socketio.open('/quotes')
            await quotes.follow({ symbols: ['NASDAQ:AAPL'] })
          },
        }),
      ],
    }),
  )
  expect(result.totals.failedIterations).toBe(1)
  expect(result.errors).toMatchObject([
    { reason: 'socketio_error', example: expect.stringContaining('subscribe was refused') },
  ])
})

test('a namespace that refuses the client is a failure with its reason', async () => {
  const { result } = await bothEnds(
    on,
    scenario({
      load: once,
      users: [
        user('guest', {
          async iterate({ socketio, check }) {
            const error: unknown = await socketio.open('/chat').catch((error: unknown) => error)
            check(error, { 'says why': refusal => String(refusal).includes('expected a bearer token') })
          },
        }),
      ],
    }),
  )
  expect(result.errors.map(({ reason }) => reason)).toContain('socketio_error')
  expect(result.checks).toMatchObject([{ name: 'says why', fails: 0 }])
})

test('a server that opens no session is a failure with its reason', async () => {
  const { result } = await bothEnds(
    on,
    scenario({
      load: once,
      faults: { rules: [{ id: 'mute', fault: { type: 'partial_ack' } }] },
      users: [user('guest', { iterate: ({ socketio }) => socketio.open('/quotes', { timeout: '500ms' }) })],
    }),
  )
  expect(result.totals.failedIterations).toBe(1)
  expect(result.errors).toMatchObject([{ reason: 'timeout', example: 'no packet opened the session' }])
})
