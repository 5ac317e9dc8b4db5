import { expect, test } from 'vitest'
import { FewItems } from '../../../core/few-items.ts'

const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c' }] as const
const names = (items: FewItems<{ name: string }>) => [...items].map(({ name }) => name).sort()

test('items are kept once, until they are deleted', () => {
  const items = new FewItems<{ name: string }>()
  for (const item of [a, a, b, c, b]) items.add(item)
  expect(names(items)).toEqual(['a', 'b', 'c'])
  items.delete(a)
  items.delete(a)
  expect(names(items)).toEqual(['b', 'c'])
  items.add(b)
  items.add(a)
  expect(names(items)).toEqual(['a', 'b', 'c'])
  for (const item of [c, b, a]) items.delete(item)
  expect(names(items)).toEqual([])
})

test('items may be deleted while they are visited', () => {
  const items = new FewItems<{ name: string }>()
  for (const item of [a, b, c]) items.add(item)
  const seen: string[] = []
  for (const item of items) {
    seen.push(item.name)
    items.delete(item)
  }
  expect(seen.sort()).toEqual(['a', 'b', 'c'])
  expect(names(items)).toEqual([])
})
