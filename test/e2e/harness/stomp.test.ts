import { expect, test } from 'vitest'
import type { Fault } from '../../../contract/faults/fault.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { scenario, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'
import { consumer, once, producer, quiet } from './quiet-trial.ts'

const on = { ...quiet, 'stomp.enabled': 'true' }

test('both ends agree on what STOMP sends and delivers, with its latency', async () => {
  const seen: string[] = []
  const { result, ledger, compared } = await bothEnds(
    on,
    scenario({
      load: once,
      users: [
        user('reader', {
          async iterate({ stomp, auth, fake, check }) {
            await auth.clientCredentials(...producer)
            const writer = await stomp.open()
            await auth.clientCredentials(...consumer)
            const reader = await stomp.open('/stomp', { name: 'reader' })
            const orders = await reader.subscribe('/streams/orders')
            const event = fake.orderCreated()
            const receipt = await writer.send('/streams/orders', event)
            const again = await writer.send('/streams/orders', event)
            check([receipt, again], {
              'tells the outcome': ([first, second]) =>
                first?.['events-accepted'] === '1' && second?.['events-duplicate'] === '1' && first['offset'] === '0',
            })
            const message = await orders.next()
            seen.push(message!.json<{ event_id: string }>().event_id)
            check(event, { arrives: ({ event_id }) => event_id === seen[0] })
            await orders.unsubscribe()
            await reader.close()
            await writer.close()
          },
        }),
      ],
    }),
  )
  expect(result.errors).toEqual([])
  expect(result.checks.map(({ name, fails }) => ({ name, fails }))).toEqual([
    { name: 'arrives', fails: 0 },
    { name: 'tells the outcome', fails: 0 },
  ])
  expect(ledger.events).toMatchObject({ received: 2, accepted: 1, duplicate: 1 })
  expect(ledger.sockets.endpoints).toMatchObject([{ operation: 'stomp.connect', opened: 2, delivered: 1 }])
  expect(compared).toContain('stomp.connect frames sent')
  expect(result.series.some(({ metric }) => metric === 'event_e2e_latency')).toBe(true)
})

test('refused messages come again as often as the target says, and then go to the dead letters', async () => {
  const attempts: boolean[] = []
  const { result, ledger } = await bothEnds(
    { ...on, 'stomp.redeliveries': '2' },
    scenario({
      load: once,
      users: [
        user('worker', {
          async iterate({ stomp, auth, check }) {
            auth.bearer('demo-jwt-token-ana')
            const connection = await stomp.open()
            const jobs = await connection.subscribe('/rooms/jobs', { ack: 'client-individual' })
            const dead = await connection.subscribe('/rooms/dead-letters')
            await connection.send('/rooms/jobs', { id: 'poison', text: 'never works' })
            for (let n = 0; n < 3; n += 1) {
              const message = await jobs.next()
              attempts.push(message!.redelivered)
              await message!.nack()
            }
            const letter = await dead.next()
            check(letter!.json<{ refusals: number; destination: string }>(), {
              'is a dead letter': ({ refusals, destination }) => refusals === 3 && destination === '/rooms/jobs',
            })
          },
        }),
      ],
    }),
  )
  expect(attempts).toEqual([false, true, true])
  expect(result.checks.map(({ fails }) => fails)).toEqual([0])
  expect(result.totals.events).toMatchObject({ gaps: 0, duplicates: 0, outOfOrder: 0 })
  expect(ledger.sockets.endpoints[0]!.delivered).toBe(4)
})

const EVENTS = 150
const faults: Fault[] = [{ type: 'drop' }, { type: 'duplicate' }, { type: 'malformed' }]
const rules: FaultRule[] = faults.map(fault => ({
  id: fault.type,
  match: { operation: 'stomp.connect', channel: 'orders' },
  share: 0.08,
  fault,
}))

test('both ends agree on events that suffer faults, and the client finds every gap and duplicate', async () => {
  const { result, ledger } = await bothEnds(
    { ...on, 'faults.rules': JSON.stringify(rules) },
    scenario({
      load: once,
      users: [
        user('reader', {
          async iterate({ http, stomp, auth, fake }) {
            await auth.clientCredentials(...consumer)
            const connection = await stomp.open()
            const orders = await connection.subscribe('/streams/orders')
            await auth.clientCredentials(...producer)
            const events = Array.from({ length: EVENTS }, () => fake.orderCreated())
            await http.post('/v1/events/batch', { json: { stream: 'orders', events } })
            while ((await orders.next({ timeout: '300ms' })) !== undefined) continue
          },
        }),
      ],
    }),
  )
  const [account] = ledger.sockets.endpoints
  expect(account!.dropped['injected']).toBeGreaterThan(0)
  const { gaps, duplicates, outOfOrder } = result.totals.events
  expect({ duplicates, outOfOrder }).toEqual({ duplicates: account!.injected?.duplicated, outOfOrder: 0 })
  // A client cannot know that it missed the first or the last events.
  const missed = account!.dropped['injected']! + (account!.injected?.malformed ?? 0)
  expect(gaps).toBeGreaterThan(missed - 5)
  expect(gaps).toBeLessThanOrEqual(missed)
})

test('a subscription that is cut goes on after its last event, or repeats what was not acknowledged', async () => {
  const cut: FaultRule = {
    id: 'cut',
    match: { operation: 'stomp.connect' },
    scope: 'connection',
    fault: { type: 'disconnect', afterMessages: 40 },
  }
  const seen: Record<string, number[]> = { auto: [], 'client-individual': [] }
  await bothEnds(
    { ...on, 'faults.rules': JSON.stringify([cut]), 'stomp.window': '10' },
    scenario({
      load: once,
      users: [
        user('reader', {
          async iterate({ http, stomp, auth, fake }) {
            await auth.clientCredentials(...producer)
            const events = Array.from({ length: 100 }, () => fake.orderCreated())
            await http.post('/v1/events/batch', { json: { stream: 'orders', events } })
            await auth.clientCredentials(...consumer)
            for (const ack of ['auto', 'client-individual'] as const) {
              const connection = await stomp.open('/stomp', { backoff: '50ms' })
              const orders = await connection.subscribe('/streams/orders', { ack, headers: { from: 'earliest' } })
              for await (const message of orders) {
                const { offset } = message.json<{ offset: number }>()
                seen[ack]!.push(offset)
                if (ack !== 'auto') await message.ack()
                if (offset === 99) break
              }
              await connection.close()
            }
          },
        }),
      ],
    }),
  )
  const all = Array.from({ length: 100 }, (_, offset) => offset)
  expect(seen['auto']).toEqual(all)
  expect([...new Set(seen['client-individual'])]).toEqual(all)
})

test('a broker that does not answer CONNECT is a failure with its reason', async () => {
  const { result } = await bothEnds(
    on,
    scenario({
      load: once,
      faults: { rules: [{ id: 'mute', fault: { type: 'partial_ack' } }] },
      users: [user('guest', { iterate: ({ stomp }) => stomp.open('/stomp', { timeout: '500ms' }) })],
    }),
  )
  expect(result.totals.failedIterations).toBe(1)
  expect(result.errors).toMatchObject([{ reason: 'timeout', example: 'CONNECT was not answered' }])
})
