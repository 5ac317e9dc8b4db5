import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { DedupeWindow } from '../../target/streams/dedupe.ts'
import { roomy } from '../support/memory.ts'

test('the window remembers an id exactly as long as a plain list of all ids would', () => {
  const step = fc.record({ id: fc.integer({ min: 0, max: 30 }).map(String), waitMs: fc.nat(20) })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 600 }),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 1, max: 200 }),
      (steps, events, windowMs) => {
        const window = new DedupeWindow(roomy())
        const bounds = { events, windowMs }
        let remembered: { id: string; offset: number; at: number }[] = []
        let now = 0
        for (const [offset, { id, waitMs }] of steps.entries()) {
          now += waitMs
          remembered = remembered.filter(({ at }) => at + windowMs > now)
          const known = remembered.find(entry => entry.id === id)
          expect(window.find(id, now, bounds)).toEqual(
            known && { stream: 's', partition: 3, offset: known.offset, publishedAt: known.at },
          )
          if (known !== undefined) continue
          window.add(id, { stream: 's', partition: 3, offset, publishedAt: now }, bounds)
          if (events > 0) remembered = [...remembered, { id, offset, at: now }].slice(-events)
          expect(window.length).toBe(remembered.length)
        }
      },
    ),
    { seed: 3, numRuns: 200 },
  )
})

test('the window grows past its first slots, and shrinks with its bound', () => {
  const window = new DedupeWindow(roomy())
  const wide = { events: 5000, windowMs: 1000 }
  for (let n = 0; n < 6000; n += 1) window.add(`e${n}`, { stream: 's', partition: 0, offset: n, publishedAt: 0 }, wide)
  expect(window.find('e999', 0, wide)).toBeUndefined()
  expect(window.find('e1000', 0, wide)?.offset).toBe(1000)
  expect(window.find('e5999', 0, { events: 10, windowMs: 1000 })?.offset).toBe(5999)
  expect(window.length).toBe(10)
  window.clear()
  expect(window.find('e5999', 0, wide)).toBeUndefined()
})
