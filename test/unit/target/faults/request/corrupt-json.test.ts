import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { random } from '../../../../../core/random.ts'
import {
  otherId,
  withEmptyLists,
  withNullField,
  withoutField,
  withOtherIds,
} from '../../../../../target/faults/request/corrupt-json.ts'

const page = () => ({ total: 2, items: [{ id: 7, name: 'a', price: null }, { id: 8, name: 'b' }, 'odd'] })

it('another id is never the same, and has the same type and length', () => {
  const ids = fc.oneof(
    fc.integer(),
    fc.string({ minLength: 1 }).filter(id => /[a-z\d]/i.test(id)),
    fc.uuid(),
  )
  fc.assert(
    fc.property(ids, id => {
      const other = otherId(id)
      expect(other).not.toBe(id)
      expect(typeof other).toBe(typeof id)
      if (typeof other === 'string') expect(other).toHaveLength((id as string).length)
    }),
    { seed: 3 },
  )
  expect(otherId('')).not.toBe('')
})

it.each([
  { answer: { id: 7, user_id: 3 }, changed: { id: 8, user_id: 3 } },
  { answer: { job_id: 'j-9', state: 'done' }, changed: { job_id: 'j-0', state: 'done' } },
  { answer: { items: [{ product_id: 1 }], id: 7 }, changed: { items: [{ product_id: 1 }], id: 8 } },
  { answer: page(), changed: { total: 2, items: [{ id: 8, name: 'a', price: null }, { id: 9, name: 'b' }, 'odd'] } },
  { answer: [{ id: 'a' }], changed: [{ id: 'b' }] },
  { answer: { name: 'without' }, changed: { name: 'without' } },
  { answer: 'text', changed: 'text' },
])('$answer with other ids is $changed', ({ answer, changed }) => {
  withOtherIds(answer)
  expect(answer).toEqual(changed)
})

it('the field that goes missing is drawn, the same one in all records of a list', () => {
  const gone = new Set<string>()
  for (let seed = 1; seed < 20; seed++) {
    const answer = page()
    withoutField(answer, random(seed).fork('field'))
    const [first, second] = answer.items as [object, object]
    const [name] = ['id', 'name'].filter(each => !(each in first))
    expect(name).toBeDefined()
    expect(second).not.toHaveProperty(name!)
    gone.add(name!)
  }
  // A field without a value would not be missed.
  expect([...gone].sort()).toEqual(['id', 'name'])
})

it('a field that becomes null had a value before', () => {
  const answer = { a: null, b: 1 }
  withNullField(answer, random(1).fork('field'))
  expect(answer).toEqual({ a: null, b: null })
  const nothing = {}
  withNullField(nothing, random(1).fork('field'))
  expect(nothing).toEqual({})
})

it('lists lose their elements and nothing else', () => {
  expect(withEmptyLists({ items: [1], total: 1, next: null })).toEqual({ items: [], total: 1, next: null })
  expect(withEmptyLists([1, 2])).toEqual([])
  expect(withEmptyLists(7)).toBe(7)
})
