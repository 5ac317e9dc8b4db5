import { expect, test } from 'vitest'
import type { Fault } from '../../../contract/faults/fault.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import type { ChatFrame } from '../../../contract/sockets/chat.ts'
import { scenario, type StreamOptions, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'
import { quiet } from './quiet-trial.ts'

const EVENTS = 400
const BATCH = 100

const lossy = (operation: string, faults: Fault[], channel = '*'): { 'faults.rules': string } => {
  const rules: FaultRule[] = faults.map(fault => ({
    id: fault.type,
    match: { operation, channel },
    share: 0.05,
    fault,
  }))
  return { 'faults.rules': JSON.stringify(rules) }
}

/** Numbers from `first` to `last` outside the range that was seen. A client cannot know that it missed them. */
function unseenEnds(seen: readonly number[], first: number, last: number): number {
  return Math.min(...seen) - first + (last - Math.max(...seen))
}

/** Creates users that each publish events to their own stream and read it from the beginning, and records the offsets that each saw. */
function ownStreams(events: number, options: StreamOptions) {
  const offsets = new Map<number, number[]>()
  const reader = user('reader', {
    async iterate({ http, sse, auth, fake, vu }) {
      await auth.clientCredentials('producer-service', 'producer-secret', 'events.write')
      const stream = `jobs-${vu.id}`
      const seen: number[] = []
      offsets.set(vu.id, seen)
      for (let published = 0; published < events; published += BATCH) {
        const batch = Array.from({ length: BATCH }, () => fake.event('job.created', {}))
        await http.post('/v1/events/batch', { json: { stream, events: batch } })
      }
      await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
      for await (const { event } of sse.open(`/v1/streams/${stream}?from=earliest`, options)) seen.push(event.offset)
    },
  })
  return { offsets, reader }
}

const kinds: [string, Fault[]][] = [
  ['what is lost, copied and late', [{ type: 'drop' }, { type: 'duplicate' }, { type: 'reorder', distance: 3 }]],
  ['what is lost and illegible', [{ type: 'drop' }, { type: 'malformed' }]],
]

test.each(kinds)('gaps, duplicates and disorder of streams are those that were injected: %s', async (_name, faults) => {
  const { offsets, reader } = ownStreams(EVENTS, { until: '3s' })
  const { result, ledger } = await bothEnds(
    { ...lossy('streams.read', faults), ...quiet },
    scenario({ load: { executor: 'per-vu-iterations', vus: 3, iterations: 1 }, users: [reader] }),
  )
  const deliveries = ledger.streams.deliveries
  const sum = (count: (account: (typeof deliveries)[number]) => number | undefined) =>
    deliveries.reduce((total, account) => total + (count(account) ?? 0), 0)
  const unseen = [...offsets.values()].reduce((total, seen) => total + unseenEnds(seen, 0, EVENTS - 1), 0)
  const lost = sum(account => (account.dropped['injected'] ?? 0) + (account.injected?.malformed ?? 0))
  expect(ledger.faults.rules.map(({ id, matched }) => ({ id, matched }))).toEqual(
    faults.map(({ type }) => ({ id: type, matched: 3 * EVENTS })),
  )
  expect(lost).toBeGreaterThan(20)
  const { gaps, duplicates, outOfOrder } = result.totals.events
  expect({ gaps, duplicates, outOfOrder }).toEqual({
    gaps: lost - unseen,
    duplicates: sum(account => account.injected?.duplicated),
    outOfOrder: sum(account => account.injected?.reordered),
  })
})

test('sockets see exactly the injected gaps, duplicates and reorderings', async () => {
  const [, faults] = kinds[0]!
  const sequences: number[][] = []
  const { result, ledger } = await bothEnds(
    { ...quiet, ...lossy('sockets.chat', faults, 'room:*') },
    scenario({
      load: { executor: 'per-vu-iterations', vus: 2, iterations: 1 },
      users: [
        user('talker', {
          async iterate({ ws, vu }) {
            const query = { token: `demo-jwt-token-${vu.id}` }
            const channel = `room:${vu.id}`
            const seen: number[] = []
            sequences.push(seen)
            const [listener, talker] = [
              await ws.open<ChatFrame>('/ws/chat', { query }),
              await ws.open<ChatFrame>('/ws/chat', { query }),
            ]
            await listener.request({ action: 'subscribe', channel }, { type: 'subscription_confirmed' })
            for (let n = 1; n <= EVENTS; n += 1) {
              const message = { id: `m-${n}`, senderId: 'one', text: `${n}`, sentAt: 1 }
              await talker.request({ action: 'publish', channel, message }, { type: 'message_ack' })
            }
            for (;;) {
              const frame = await listener.receive({ type: 'message_delivered' }, { timeout: '2s' })
              if (frame === undefined) break
              seen.push(frame.sequence)
            }
            await listener.close()
            await talker.close()
          },
        }),
      ],
    }),
  )
  const [{ dropped, injected } = expect.fail('no socket')] = ledger.sockets.endpoints
  // Members of a room know its first sequence.
  const unseen = sequences.reduce((total, seen) => total + EVENTS - Math.max(...seen), 0)
  const lost = dropped['injected']!
  expect(lost).toBeGreaterThan(20)
  const { gaps, duplicates, outOfOrder } = result.totals.events
  expect({ gaps, duplicates, outOfOrder }).toEqual({
    gaps: lost - unseen,
    duplicates: injected?.duplicated,
    outOfOrder: injected?.reordered,
  })
})

test.each<[string, Fault]>([
  ['a goodbye', { type: 'disconnect', code: 1012, afterMessages: 40 }],
  ['a RST', { type: 'disconnect', afterMessages: 40 }],
])('a stream that is cut with %s goes on where it was, with all explained', async (_name, fault) => {
  const { offsets, reader } = ownStreams(100, { events: 100 })
  const rules: FaultRule[] = [{ id: 'cut', match: { operation: 'streams.read' }, fault }]
  const { result, ledger } = await bothEnds(
    { ...quiet, 'faults.rules': JSON.stringify(rules), 'streams.retry': '20ms' },
    scenario({ load: { executor: 'per-vu-iterations', vus: 2, iterations: 1 }, users: [reader] }),
  )
  for (const seen of offsets.values()) expect(seen).toEqual(Array.from({ length: 100 }, (_, offset) => offset))
  expect(ledger.streams.closed.fault).toBe(4)
  expect(result.totals.events).toMatchObject({ gaps: 0, duplicates: 0, outOfOrder: 0 })
})

test('a refused or cut client may succeed when it comes back, because each attempt has its own fate', async () => {
  const match = { operation: 'sockets.chat' }
  const rules: FaultRule[] = [
    { id: 'refused', match, share: 0.5, fault: { type: 'status', status: 503 } },
    { id: 'cut', match, share: 0.5, fault: { type: 'disconnect', afterMessages: 1, code: 1013 } },
  ]
  const members = 12
  const { ledger } = await bothEnds(
    { 'faults.rules': JSON.stringify(rules) },
    scenario({
      load: { executor: 'per-vu-iterations', vus: members, iterations: 1 },
      users: [
        user('member', {
          async iterate({ ws, vu }) {
            const query = { token: `demo-jwt-token-${vu.id}` }
            const socket = await ws.open<ChatFrame>('/ws/chat', { query, backoff: '10ms', onOpen: () => {} })
            // Two answers came on one connection, so it was not cut.
            for (let answers = 0; answers < 2; ) {
              const answer = await socket
                .request({ action: 'ping' }, { type: 'pong' }, { timeout: '500ms' })
                .catch(() => undefined)
              answers = answer === undefined ? 0 : answers + 1
            }
          },
        }),
      ],
    }),
  )
  const [refused, cut] = ledger.faults.rules
  // If all attempts had the same fate, these clients could never connect, and the run would not end.
  expect(refused!.injected).toBeGreaterThan(1)
  expect(cut!.injected).toBeGreaterThan(1)
  expect(refused!.matched - refused!.injected).toBe(cut!.matched)
})
