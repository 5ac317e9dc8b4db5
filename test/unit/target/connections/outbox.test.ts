import { describe, expect, it } from 'vitest'
import type { SlowConsumerPolicy } from '../../../../contract/streams.ts'
import { chunkOf } from '../../../../target/connections/http-wire.ts'
import { Outbox } from '../../../../target/connections/outbox.ts'
import { MemoryBudget } from '../../../../target/memory/budget.ts'
import { eventAbout } from '../../../support/frame-about.ts'
import { roomy } from '../../../support/memory.ts'

const FRAMES = 2000

describe.each(['drop_oldest', 'conflate'] satisfies SlowConsumerPolicy[])('an outbox with %s', policy => {
  it('drops events behind unread answers, and never an answer', () => {
    let dropped = 0
    const outbox = new Outbox(roomy(), () => (dropped += 1))
    const budget = { policy, budgetBytes: 1000, budgetAgeMs: 1e9, notify: false }
    const answers = Array.from({ length: 4 }, (_, n) => chunkOf(`answer ${n}`))
    const sequences: unknown[] = []
    for (let n = 0; n < FRAMES; n += 1) {
      if (n % (FRAMES / 4) === 0) outbox.push(answers[(4 * n) / FRAMES]!, n)
      outbox.offer(chunkOf('x'.repeat(90), eventAbout(n), `k${n % 8}`), 0, n, budget)
      expect(outbox.bytes).toBeLessThanOrEqual(budget.budgetBytes)
    }
    const waiting = outbox.events
    for (const frame of outbox.take(Number.POSITIVE_INFINITY)) {
      if (frame.about.kind === 'event') sequences.push(frame.about.sequence)
      else expect(frame).toBe(answers.shift())
    }
    expect(answers).toEqual([])
    expect(sequences).toEqual(Array.from({ length: waiting }, (_, n) => FRAMES - waiting + n))
    expect(waiting).toBeGreaterThan(6)
    expect(dropped + waiting).toBe(FRAMES)
    expect({ outboxLength: outbox.length, bytes: outbox.bytes, answerBytes: outbox.answerBytes }).toEqual({
      outboxLength: 0,
      bytes: 0,
      answerBytes: 0,
    })
  })
})

describe('outboxes', () => {
  it('are charged for a shared frame once', () => {
    const memory = new MemoryBudget().table('outboxes')
    const frame = chunkOf('x'.repeat(1000), eventAbout(1))
    const outboxes = [1, 2].map(() => new Outbox(memory, () => {}))
    outboxes[0]!.push(frame, 0)
    const alone = memory.bytes
    outboxes[1]!.push(frame, 0)
    expect(memory.bytes - alone).toBeLessThan(200)
    for (const outbox of outboxes) outbox.take(Number.POSITIVE_INFINITY)
    expect(memory.bytes).toBe(0)
  })

  it('count as full when the memory budget is spent', () => {
    const memory = new MemoryBudget(10_000).table('outboxes')
    let dropped = 0
    const outbox = new Outbox(memory, () => (dropped += 1))
    const budget = { budgetBytes: 1e9, budgetAgeMs: 1e9, notify: false }
    const offer = (policy: 'drop_oldest' | 'disconnect') =>
      outbox.offer(chunkOf('x'.repeat(1000), eventAbout(1)), 0, 0, { ...budget, policy })
    for (let n = 0; n < 20; n += 1) expect(offer('drop_oldest')).toBe('admitted')
    expect(dropped).toBeGreaterThan(10)
    expect(memory.bytes).toBeLessThanOrEqual(10_000)
    expect(offer('disconnect')).toBe('overflow')
  })
})
