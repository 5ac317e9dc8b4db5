import { expect, test } from 'vitest'
import { formatCursor, newEpoch, parseCursor } from '../../../../target/streams/cursor.ts'

test('a formatted cursor is parsed as it was, and other texts are refused', () => {
  const epoch = newEpoch()
  for (const sequence of [0, 1, 35, 36, 123_456_789, Number.MAX_SAFE_INTEGER]) {
    expect(parseCursor(formatCursor(epoch, sequence))).toEqual({ epoch, sequence })
  }
  for (const text of [
    '',
    '-',
    'abc-1',
    `${epoch}-`,
    `${epoch}-01`,
    `${epoch}-A`,
    `${epoch}-1 `,
    `${epoch}-zzzzzzzzzzz`,
  ]) {
    expect(parseCursor(text), text).toBeUndefined()
  }
  expect(newEpoch()).not.toBe(epoch)
})
