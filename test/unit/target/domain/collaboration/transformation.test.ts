import { describe, expect, it } from 'vitest'
import type { AppliedOperation } from '../../../../../contract/sockets/collaboration.ts'
import { applied, transform } from '../../../../../target/domain/collaboration/transformation.ts'

const insert = (position: number, text: string): AppliedOperation => ({ type: 'insert_text', position, text })
const remove = (position: number, length: number): AppliedOperation => ({ type: 'delete_text', position, length })

/** Returns `abcdef` after both operations, `earlier` first. */
function both(operation: AppliedOperation, earlier: AppliedOperation): string {
  const parts = transform(operation, earlier)
  return parts.toReversed().reduce((text, part) => applied(part, text), applied(earlier, 'abcdef'))
}

describe('an operation transformed against another', () => {
  it.each([
    // Insertions: of two at one place the earlier stays in front.
    [insert(2, 'X'), insert(1, 'yy'), 'ayybXcdef'],
    [insert(2, 'X'), insert(2, 'yy'), 'abyyXcdef'],
    [insert(2, 'X'), insert(3, 'yy'), 'abXcyydef'],
    // An insertion and a deletion before, around, at the edges of, and behind it.
    [insert(4, 'X'), remove(1, 2), 'adXef'],
    [insert(2, 'X'), remove(1, 3), 'aXef'],
    [insert(1, 'X'), remove(1, 3), 'aXef'],
    [insert(4, 'X'), remove(1, 3), 'aXef'],
    [insert(1, 'X'), remove(2, 3), 'aXbf'],
    // A deletion and an insertion before it, at its start, inside, at its end, behind.
    [remove(2, 2), insert(1, 'yy'), 'ayybef'],
    [remove(2, 2), insert(2, 'yy'), 'abyyef'],
    [remove(2, 2), insert(3, 'yy'), 'abyyef'],
    [remove(2, 2), insert(4, 'yy'), 'abyyef'],
    [remove(2, 2), insert(5, 'yy'), 'abeyyf'],
    // Deletions: nothing is deleted twice.
    [remove(4, 1), remove(1, 2), 'adf'],
    [remove(1, 2), remove(4, 1), 'adf'],
    [remove(1, 3), remove(2, 3), 'af'],
    [remove(2, 3), remove(1, 3), 'af'],
    [remove(1, 4), remove(2, 2), 'af'],
    [remove(2, 2), remove(1, 4), 'af'],
    [remove(2, 2), remove(2, 2), 'abef'],
  ])('%o after %o', (operation, earlier, result) => {
    expect(both(operation, earlier)).toBe(result)
  })

  it('is split in two if it deletes around an insertion', () => {
    expect(transform(remove(1, 4), insert(3, 'yy'))).toEqual([remove(1, 2), remove(5, 2)])
  })

  it('deletes nothing when nothing is left to delete', () => {
    expect(transform(remove(2, 2), remove(1, 4))).toEqual([remove(1, 0)])
    expect(transform(remove(1, 0), insert(0, 'yy'))).toEqual([remove(3, 0)])
    expect(transform(insert(3, 'X'), remove(1, 0))).toEqual([insert(3, 'X')])
  })
})
