import { describe, expect, it } from 'vitest'
import { mergeReceipts, receiptsOf } from '../../../../harness/metrics/fan-out-receipts.ts'

function receipts(sequence: string, ordinals: readonly number[], at = 0) {
  return receiptsOf(
    ordinals.map(ordinal => ({ sequence, ordinal, tags: {}, firstAt: at, lastAt: at + 1, receipts: 1 })),
    1,
  )
}

const upTo = (count: number) => Array.from({ length: count }, (_, ordinal) => ordinal)

describe('mergeReceipts', () => {
  it('joins what several workers received of one event', () => {
    const { events } = mergeReceipts(receipts('a', [1, 2], 10), receipts('a', [2, 3], 5))
    expect([...events.keys()].toSorted()).toEqual(['a 1', 'a 2', 'a 3'])
    expect(events.get('a 2')).toMatchObject({ firstAt: 5, lastAt: 11, receipts: 2 })
  })

  it('keeps at most 65,536 events, every second, fourth … of each sequence, in whatever order they are merged', () => {
    const parts = ['a', 'b', 'c'].map(sequence => receipts(sequence, upTo(60_000)))
    const [a, b, c] = parts as [(typeof parts)[0], (typeof parts)[0], (typeof parts)[0]]
    const merged = mergeReceipts(mergeReceipts(a, b), c)
    expect(merged.stride).toBe(4)
    expect(merged.events.size).toBe(45_000)
    expect(merged.events.has('b 59996')).toBe(true)
    const again = mergeReceipts(c, mergeReceipts(b, a))
    expect(again.stride).toBe(merged.stride)
    expect([...again.events.keys()].toSorted()).toEqual([...merged.events.keys()].toSorted())
  })

  it('leaves out what a worker with a larger stride did not follow', () => {
    const sparse = receiptsOf([{ sequence: 'a', ordinal: 4, tags: {}, firstAt: 0, lastAt: 0, receipts: 1 }], 4)
    const { stride, events } = mergeReceipts(receipts('a', upTo(8)), sparse)
    expect(stride).toBe(4)
    expect([...events.keys()]).toEqual(['a 0', 'a 4'])
  })

  it('ends also when the first events of too many sequences are left', () => {
    const first = upTo(70_000).map(sequence => ({
      sequence: String(sequence),
      ordinal: 0,
      tags: {},
      firstAt: 0,
      lastAt: 0,
      receipts: 1,
    }))
    expect(receiptsOf(first, 1).events.size).toBe(70_000)
  })
})
