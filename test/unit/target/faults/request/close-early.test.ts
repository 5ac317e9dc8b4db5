import { expect, it } from 'vitest'
import { earlyEnd } from '../../../../../target/faults/request/close-early.ts'

it.each([
  ['within the body', { type: 'close_early', afterBytes: 9 }, 10, { afterBytes: 9, how: 'close' }],
  ['before the body', { type: 'close_early', afterBytes: 0 }, 10, { afterBytes: 0, how: 'close' }],
  ['at its end', { type: 'close_early', afterBytes: 10 }, 10, undefined],
  [
    'with a length that hides it',
    { type: 'close_early', afterBytes: 3, contentLength: 'wrong' },
    10,
    { afterBytes: 3, how: 'end' },
  ],
  ['in a body of unknown length', { type: 'close_early', afterBytes: 10 }, undefined, { afterBytes: 10, how: 'close' }],
  ['by a RST', { type: 'reset', afterBytes: 3 }, 10, { afterBytes: 3, how: 'reset' }],
  ['by a RST that waits for no body', { type: 'reset' }, 10, undefined],
] as const)('ends a body %s', (_, fault, bodyBytes, expected) => {
  expect(earlyEnd(fault, bodyBytes)).toEqual(expected)
})
