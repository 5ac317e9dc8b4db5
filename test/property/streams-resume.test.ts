import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCursor } from '../../target/streams/cursor.ts'
import type { LiveLimits, StreamLimits } from '../../target/streams/limits.ts'
import { type Consumer, nextReader } from '../../target/streams/reader.ts'
import { resume } from '../../target/streams/resume.ts'
import { Tenant } from '../../target/streams/tenant.ts'
import { plenty } from '../support/memory.ts'

/** Reads directly from the readers. */
const nobody: Consumer = { key: '', offer() {}, fallBehind() {}, waiting: () => [], withdraw: () => [] }

const names = ['orders', 'pricing', 'extra'] as const
type Name = (typeof names)[number]

interface Known {
  sequence: number
  stream: Name
  id: string
  at: number
  bytes: number
  kept: boolean
}

const action = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      stream: fc.constantFrom(...names),
      filler: fc.nat(60),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(400) }) },
)

const retention = fc.record({
  events: fc.integer({ min: 1, max: 8 }),
  bytes: fc.integer({ min: 100, max: 2000 }),
  ageMs: fc.integer({ min: 50, max: 1000 }),
})

/** Evicts from the front of a stream until all three limits hold, with a full scan each time. */
function evictNaively(events: Known[], limits: StreamLimits['retention'], now: number): void {
  for (const name of names) {
    for (;;) {
      const kept = events.filter(event => event.kept && event.stream === name)
      const [oldest] = kept
      if (oldest === undefined) break
      const bytes = kept.reduce((sum, event) => sum + event.bytes, 0)
      if (kept.length <= limits.events && bytes <= limits.bytes && now - oldest.at < limits.ageMs) break
      oldest.kept = false
    }
  }
}

test('a resumption replays exactly the kept events after its cursor, and reports exactly the others as lost', () => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 80 }),
      retention,
      fc.subarray([...names], { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (actions, limits, wanted, cursorShare) => {
        const live: LiveLimits = { current: { retention: limits, perTenant: 10 } as StreamLimits }
        let now = 1_000_000
        const tenant = new Tenant('public', live, 4, now, plenty())
        const events: Known[] = []
        for (const step of actions) {
          if (step.kind === 'wait') {
            now += step.ms
            continue
          }
          const stream = tenant.stream(step.stream)
          const sequence = events.length + 1
          const id = `e${sequence}`
          tenant.append({ event_type: 't', event_id: id, data: { filler: 'x'.repeat(step.filler) } }, stream, now)
          const bytes = stream.history.at(stream.history.endOrdinal - 1)?.size ?? limits.bytes + 1
          events.push({ sequence, stream: step.stream, id, at: now, bytes, kept: true })
          // Only the stream that grows is checked.
          evictNaively(events, { ...limits, ageMs: Number.POSITIVE_INFINITY }, now)
        }
        tenant.evict(now)
        evictNaively(events, limits, now)

        const cursor = Math.floor(cursorShare * events.length)
        const after = events.filter(({ sequence, stream }) => sequence > cursor && wanted.includes(stream))
        const lost = wanted
          .map(stream => ({ stream, count: after.filter(event => !event.kept && event.stream === stream).length }))
          .filter(({ count }) => count > 0)

        const streams = wanted.map(name => tenant.stream(name))
        const resumption = resume(tenant, streams, { cursor: formatCursor(tenant.epoch, cursor) })
        const replayed: number[] = []
        const readers = resumption.open(nobody)
        for (let reader = nextReader(readers); reader !== undefined; reader = nextReader(readers)) {
          replayed.push(reader.peek()!.sequence)
          reader.advance()
        }
        expect(replayed).toEqual(after.filter(({ kept }) => kept).map(({ sequence }) => sequence))
        expect(resumption.how).toBe(lost.length === 0 ? 'resumed' : 'reset')
        // The trail covers at most one history; beyond it, the count is marked as a lower bound.
        for (const [index, told] of (resumption.reset === undefined
          ? []
          : (resumption.reset.lost as { stream: string; count: number; at_least?: true }[])
        ).entries()) {
          const truth = lost[index]
          expect(told.stream).toBe(truth?.stream)
          if (told.at_least === true) expect(told.count).toBeLessThan(truth?.count ?? 0)
          else expect(told.count).toBe(truth?.count)
        }
      },
    ),
    { seed: 1, numRuns: 400 },
  )
})

test('a replay reports how many of its events retention evicted, and continues without gap or repetition', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...names, 'read' as const), { maxLength: 120 }),
      fc.integer({ min: 1, max: 6 }),
      (steps, kept) => {
        const live = { current: { retention: { events: kept, bytes: 1e9, ageMs: 1e9 }, perTenant: 10 } as StreamLimits }
        const tenant = new Tenant('public', live, 4, 0, plenty())
        const streams = names.map(name => tenant.stream(name))
        const readers = resume(tenant, streams, 'latest').open(nobody)
        let [appended, missed] = [0, 0]
        const read: number[] = []
        const readNext = () => {
          for (const reader of readers) missed += reader.skipEvicted()
          const reader = nextReader(readers)
          if (reader === undefined) return false
          read.push(reader.peek()!.sequence)
          reader.advance()
          return true
        }
        for (const step of steps) {
          if (step === 'read') readNext()
          else {
            appended += 1
            tenant.append({ event_type: 't', event_id: `e${appended}`, data: {} }, tenant.stream(step), appended)
          }
        }
        while (readNext());
        expect(new Set(read).size).toBe(read.length)
        expect(read.length + missed).toBe(appended)
      },
    ),
    { seed: 2, numRuns: 300 },
  )
})
