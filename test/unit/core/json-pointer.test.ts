import { describe, expect, it } from 'vitest'
import { followPointer } from '../../../core/json-pointer.ts'

/** The document of RFC 6901 §5. */
const example = {
  foo: ['bar', 'baz'],
  '': 0,
  'a/b': 1,
  'c%d': 2,
  'e^f': 3,
  'g|h': 4,
  'i\\j': 5,
  'k"l': 6,
  ' ': 7,
  'm~n': 8,
}

describe('followPointer', () => {
  it.each([
    ['', example],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
  ])('finds what RFC 6901 finds at %j', (pointer, value) => {
    expect(followPointer(example, pointer)).toEqual({ found: true, value })
  })

  it.each([
    ['/foo/2', '/foo', ['bar', 'baz']],
    ['/foo/01', '/foo', ['bar', 'baz']],
    ['/foo/-', '/foo', ['bar', 'baz']],
    ['/foo/length', '/foo', ['bar', 'baz']],
    ['/foo/0/x', '/foo/0', 'bar'],
    ['/toString', '', example],
  ])('names the last step that exists on the way to %s', (pointer, lastPointer, lastValue) => {
    expect(followPointer(example, pointer)).toEqual({ found: false, lastPointer, lastValue })
  })

  it.each(['foo', 'foo[0]', '/a~b', '/a~', '$.foo'])('rejects %j, which is no pointer', pointer => {
    expect(() => followPointer(example, pointer)).toThrow(
      `expected a JSON pointer such as /items/0/id, got "${pointer}"`,
    )
  })
})
