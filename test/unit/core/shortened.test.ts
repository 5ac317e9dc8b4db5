import { expect, it } from 'vitest'
import { shortened } from '../../../core/shortened.ts'

it('a text that is too long is cut between characters, and says so', () => {
  expect([shortened('12345', 5), shortened('123456', 5), shortened('1234🙂', 5)]).toEqual([
    '12345',
    '12345…',
    '1234\ufffd…',
  ])
})
