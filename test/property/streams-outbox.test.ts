import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { slowConsumerPolicies } from '../../contract/streams.ts'
import { chunkOf } from '../../target/connections/http-wire.ts'
import type { Frame } from '../../target/connections/frame.ts'
import { type Gap, Outbox, type SlowConsumerBudget } from '../../target/connections/outbox.ts'
import { eventAbout } from '../support/frame-about.ts'
import { roomy } from '../support/memory.ts'

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('offer' as const), size: fc.nat(60), waitMs: fc.nat(5), key: fc.nat(6) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('answer' as const), size: fc.nat(60), waitMs: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take' as const), bytes: fc.nat(150) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), waitMs: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain' as const) }) },
)

/** The policies applied to a plain list, as the contract defines them. */
class NaiveOutbox {
  waiting: { frame: Frame; at: number }[] = []
  dropped: Frame['about'][] = []
  overflowed = false
  /** The budget of a conflating client was spent, and frames have been waiting ever since. */
  behind = false

  offer(frame: Frame, socketBytes: number, now: number, budget: SlowConsumerBudget): void {
    const spent = () => {
      const bytes = socketBytes + this.waiting.reduce((sum, { frame }) => sum + frame.bytes.length, 0)
      const tooOld = this.isTooOld(now, budget)
      return tooOld || (bytes > 0 && bytes + frame.bytes.length > budget.budgetBytes)
    }
    if (this.waiting.length === 0) this.behind = false
    if (budget.policy === 'conflate' && spent() && this.waiting.length > 0) this.behind = true
    if (this.behind) this.conflate(undefined)
    if (this.behind) this.conflate(frame.key)
    if (budget.policy === 'drop_oldest' || budget.policy === 'conflate')
      while (spent() && this.waiting.some(isEvent)) this.dropOldest()
    if (this.waiting.length === 0) this.behind = false
    if (spent() && budget.policy !== 'disconnect') return this.drop(frame)
    this.overflowed ||= spent()
    this.waiting.push({ frame, at: now })
  }

  /** Removes frames with a newer one of the same key, including the one that arrives. */
  conflate(coming: string | undefined): void {
    const keys = this.waiting.map(({ frame }) => frame.key)
    const older = this.waiting.filter(
      ({ frame: { key } }, index) => key !== undefined && (key === coming || keys.lastIndexOf(key) > index),
    )
    for (const { frame } of older) this.drop(frame)
    this.waiting = this.waiting.filter(item => !older.includes(item))
  }

  /** Under a dropping policy only the age of events counts: answers are never dropped. */
  isTooOld(now: number, { policy, budgetAgeMs }: SlowConsumerBudget): boolean {
    const oldest = policy === 'disconnect' ? this.waiting[0] : this.waiting.find(isEvent)
    return oldest !== undefined && now - oldest.at > budgetAgeMs
  }

  dropOldest(): void {
    const [oldest] = this.waiting.splice(this.waiting.findIndex(isEvent), 1)
    if (oldest !== undefined) this.drop(oldest.frame)
  }

  drop({ about }: Frame): void {
    this.dropped.push(about)
  }
}

function isEvent({ frame }: { frame: Frame }): boolean {
  return frame.about.kind === 'event'
}

test.each(slowConsumerPolicies)('the policy %s drops or conflates as documented, and counts every event', policy => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 100 }),
      fc.integer({ min: 50, max: 400 }),
      fc.integer({ min: 5, max: 100 }),
      (steps, budgetBytes, budgetAgeMs) => {
        const budget = { policy, budgetBytes, budgetAgeMs, notify: true }
        const naive = new NaiveOutbox()
        let [reported, offered, delivered, now, socketBytes] = [0, 0, 0, 0, 0]
        let gap: Gap | undefined
        const outbox = new Outbox(roomy(), by => {
          expect(by).toBe(policy)
          reported += 1
        })
        for (const action of steps) {
          if (naive.overflowed) break
          if (action.kind === 'drain') socketBytes = 0
          if (action.kind === 'offer') {
            now += action.waitMs
            offered += 1
            // One in seven has no key, like frames that no other replaces.
            const key = action.key === 0 ? undefined : `k${action.key}`
            const frame = chunkOf('x'.repeat(action.size), eventAbout(offered), key)
            const admission = outbox.offer(frame, socketBytes, now, budget)
            naive.offer(frame, socketBytes, now, budget)
            expect(admission === 'overflow').toBe(naive.overflowed)
            expect(admission === 'dropped').toBe(naive.dropped.at(-1) === frame.about)
          }
          if (action.kind === 'answer') {
            now += action.waitMs
            const frame = chunkOf('x'.repeat(action.size))
            outbox.push(frame, now)
            if (naive.waiting.length === 0) naive.behind = false
            naive.waiting.push({ frame, at: now })
          }
          if (action.kind === 'take') {
            const taken = outbox.take(action.bytes)
            const expected = naive.waiting.splice(0, taken.length)
            expect(taken).toEqual(expected.map(({ frame }) => frame))
            delivered += expected.filter(isEvent).length
            socketBytes += taken.reduce((sum, { bytes }) => sum + bytes.length, 0)
          }
          if (action.kind === 'expire') {
            now += action.waitMs
            const keeps = outbox.expire(now, budget)
            expect(keeps).toBe(policy !== 'disconnect' || !naive.isTooOld(now, budget))
            if (policy === 'drop_oldest' || policy === 'conflate')
              while (naive.isTooOld(now, budget)) naive.dropOldest()
          }
          expect(outbox.length).toBe(naive.waiting.length)
          const bytesOf = (waiting: typeof naive.waiting) =>
            waiting.reduce((sum, { frame }) => sum + frame.bytes.length, 0)
          const answers = naive.waiting.filter(item => !isEvent(item))
          expect({ bytes: outbox.bytes, answerBytes: outbox.answerBytes }).toEqual({
            bytes: bytesOf(naive.waiting),
            answerBytes: bytesOf(answers),
          })
          const eventBytes = outbox.bytes - outbox.answerBytes
          if (outbox.events > 1) expect(eventBytes + socketBytes <= budgetBytes || naive.overflowed).toBe(true)
          expect(outbox.events).toBe(naive.waiting.length - answers.length)
          expect(offered).toBe(delivered + reported + outbox.events)
        }
        gap = outbox.takeGap()
        const { dropped } = naive
        expect(gap).toEqual(
          dropped.length === 0 ? undefined : { dropped: dropped.length, from: dropped[0], to: dropped.at(-1) },
        )
        expect(outbox.takeGap()).toBeUndefined()
      },
    ),
    { seed: 4, numRuns: 400 },
  )
})
