import { expect, it } from 'vitest'
import { byteRange } from '../../../../target/http/conditional.ts'

it.each([
  ['bytes=0-0', { first: 0, last: 0 }],
  ['bytes=0-9', { first: 0, last: 9 }],
  ['bytes=3-5', { first: 3, last: 5 }],
  ['bytes=3-', { first: 3, last: 9 }],
  ['bytes=3-100', { first: 3, last: 9 }],
  ['bytes=9-9', { first: 9, last: 9 }],
  ['bytes=-1', { first: 9, last: 9 }],
  ['bytes=-10', { first: 0, last: 9 }],
  ['bytes=-99999999999999999999999', { first: 0, last: 9 }],
  ['BYTES= 1-2 ', { first: 1, last: 2 }],
])('%s of ten bytes is a part', (range, part) => expect(byteRange(range, 10)).toEqual(part))

it.each(['bytes=10-', 'bytes=10-20', 'bytes=99999999999999999999999-', 'bytes=-0'])(
  '%s of ten bytes is not satisfiable',
  range => expect(byteRange(range, 10)).toBe('unsatisfiable'),
)

it.each([
  undefined,
  '',
  'bytes',
  'bytes=',
  'bytes=-',
  'bytes=a-b',
  'bytes=5-3',
  'bytes=1-2,4-5',
  'bytes=1.5-2',
  'bytes=--1',
  'lines=1-2',
  'bytes=+1-2',
])('%s is ignored', range => expect(byteRange(range, 10)).toBeUndefined())
