import { describe, expect, it } from 'vitest'
import { Recent } from '../../../../harness/run-page/recent.ts'

interface Item {
  second: number
  one?: number
  other?: number
}

describe('recent seconds', () => {
  it('are the latest ones, and each is the sum of its parts', () => {
    const recent = new Recent<Item>(3)
    for (const second of [0, 1, 2, 3]) recent.put({ second, one: second })
    recent.put({ second: 2, other: 7 })
    expect(recent.list()).toEqual([
      { second: 1, one: 1 },
      { second: 2, one: 2, other: 7 },
      { second: 3, one: 3 },
    ])
  })

  it('leave out a second that comes after later ones', () => {
    const recent = new Recent<Item>(3)
    recent.put({ second: 5 })
    recent.put({ second: 4 })
    expect(recent.list()).toEqual([{ second: 5 }])
  })
})
