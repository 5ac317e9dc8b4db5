import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { BoundedMap } from '../../core/bounded-map.ts'

const key = fc.nat(12)
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.nat(), capacity: fc.nat(8) }),
  fc.record({ kind: fc.constant('touch' as const), key }),
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.record({ kind: fc.constant('trim' as const), capacity: fc.nat(8) }),
  fc.record({ kind: fc.constant('clear' as const) }),
  fc.record({ kind: fc.constant('sift' as const), divisor: fc.integer({ min: 1, max: 4 }) }),
)

test('forgets the same entries as a plain list in order of age', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const forgotten: [number, number][] = []
      const map = new BoundedMap<number, number>((value, key) => forgotten.push([key, value]))
      let naive: [number, number][] = []
      const naivelyForgotten: [number, number][] = []
      const trim = (capacity: number) => naivelyForgotten.push(...naive.splice(0, Math.max(0, naive.length - capacity)))
      for (const action of steps) {
        if (action.kind === 'set') {
          map.set(action.key, action.value, action.capacity)
          naive = [...naive.filter(([key]) => key !== action.key), [action.key, action.value]]
          trim(action.capacity)
        } else if (action.kind === 'touch') {
          const known = naive.find(([key]) => key === action.key)
          expect(map.touch(action.key)).toBe(known?.[1])
          if (known !== undefined) naive = [...naive.filter(entry => entry !== known), known]
        } else if (action.kind === 'delete') {
          const known = naive.find(([key]) => key === action.key)
          naive = naive.filter(entry => entry !== known)
          if (known !== undefined) naivelyForgotten.push(known)
          expect(map.delete(action.key)).toBe(known !== undefined)
        } else if (action.kind === 'trim') {
          map.trim(action.capacity)
          trim(action.capacity)
        } else if (action.kind === 'sift') {
          for (const [key] of map) if (key % action.divisor === 0) map.delete(key)
          naivelyForgotten.push(...naive.filter(([key]) => key % action.divisor === 0))
          naive = naive.filter(([key]) => key % action.divisor !== 0)
        } else {
          map.clear()
          trim(0)
        }
        expect([...map]).toEqual(naive)
        expect(map.size).toBe(naive.length)
        for (const [key, value] of naive)
          expect({ mapHasKey: map.has(key), mapGetKey: map.get(key) }).toEqual({ mapHasKey: true, mapGetKey: value })
      }
      expect(forgotten).toEqual(naivelyForgotten)
    }),
    { seed: 11, numRuns: 500 },
  )
})
