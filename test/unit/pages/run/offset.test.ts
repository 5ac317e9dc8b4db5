import { expect, it } from 'vitest'
import { offset } from '../../../../pages/run/offset.ts'

it.each([
  [0, '0:00'],
  [-1, '0:00'],
  [9.4, '0:09'],
  [65, '1:05'],
  [3605, '1:00:05'],
])('a time of %d s since the start of the loads is %s', (seconds, text) => {
  expect(offset(seconds)).toBe(text)
})
