import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Linked, LinkedList } from '../../core/linked-list.ts'

interface Item extends Linked<Item> {
  id: number
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.constant('push' as const) },
  { weight: 1, arbitrary: fc.constant('shift' as const) },
  { weight: 2, arbitrary: fc.nat(10) },
)

it('contains the same as an array, wherever items are removed', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const list = new LinkedList<Item>()
      const naive: Item[] = []
      let nextId = 0
      const push = (item: Item) => {
        list.push(item)
        naive.push(item)
      }
      for (const action of steps) {
        if (action === 'push') push({ id: nextId++, previous: undefined, next: undefined })
        else if (action === 'shift') expect(list.shift()).toBe(naive.shift())
        else if (naive[action] !== undefined) {
          const [item] = naive.splice(action, 1)
          list.remove(item!)
          // Removed items can be added again.
          if (item!.id % 3 === 0) push(item!)
        }
        expect({ listLength: list.length, first: list.first }).toEqual({ listLength: naive.length, first: naive[0] })
        const walked: number[] = []
        for (let item = list.first; item !== undefined; item = item.next) walked.push(item.id)
        expect(walked).toEqual(naive.map(({ id }) => id))
      }
      while (naive.length > 0) expect(list.shift()).toBe(naive.shift())
      expect({ shift: list.shift(), listLength: list.length }).toEqual({ shift: undefined, listLength: 0 })
    }),
    { seed: 5, numRuns: 300 },
  )
})
