import { expect, it } from 'vitest'
import { globTest } from '../../../core/glob.ts'

it.each<[string, string[], string[]]>([
  ['orders.create', ['orders.create'], ['orders.creates', 'orders', '']],
  ['orders.*', ['orders.create', 'orders.'], ['orders', 'myorders.create']],
  ['*', ['', 'anything\nat all'], []],
  ['*.get', ['products.get', '.get'], ['products.gets', 'get']],
  ['/a/*/c', ['/a/b/c', '/a//c', '/a/b/b/c'], ['/a/c', '/a/b/c/d']],
  ['*a*b*', ['ab', 'xaxbx', 'aab'], ['ba', 'a', 'b']],
  ['ab*ba', ['abba', 'abxba'], ['aba', 'ab']],
  ['a.c', ['a.c'], ['abc']],
])('%s matches every text that its stars can stand for', (pattern, fitting, others) => {
  const fits = globTest(pattern)
  expect(fitting.filter(text => !fits(text))).toEqual([])
  expect(others.filter(fits)).toEqual([])
})

it('is fast with adversarial patterns and texts', () => {
  const fits = globTest(`${'*a'.repeat(120)}*b`)
  expect(fits('a'.repeat(100_000))).toBe(false)
})
