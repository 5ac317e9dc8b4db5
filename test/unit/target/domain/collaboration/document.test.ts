import { describe, expect, it } from 'vitest'
import type { TextOperation } from '../../../../../contract/sockets/collaboration.ts'
import { SharedDocument } from '../../../../../target/domain/collaboration/document.ts'
import { ProblemError } from '../../../../../target/exchange/problem.ts'

function document(text = '', limits = { documentChars: 1000, historyOperations: 100 }): SharedDocument<string> {
  const made = new SharedDocument<string>(0, () => limits)
  if (text !== '') made.apply({ type: 'insert_text', position: 0, text }, 'ann')
  return made
}

const insert = (position: number, text: string, base?: number): TextOperation => ({
  type: 'insert_text',
  position,
  text,
  ...(base !== undefined && { base }),
})
const remove = (position: number, length: number, base?: number): TextOperation => ({
  type: 'delete_text',
  position,
  length,
  ...(base !== undefined && { base }),
})

describe('a document', () => {
  it('applies operations in order, each with the next sequence', () => {
    const draft = document()
    expect(draft.apply(insert(0, 'hello'), 'ann')).toEqual([
      { sequence: 1, operation: { type: 'insert_text', position: 0, text: 'hello' }, author: 'ann' },
    ])
    expect(draft.apply(remove(1, 3), 'bob')).toEqual([
      { sequence: 2, operation: { type: 'delete_text', position: 1, length: 3 }, author: 'bob' },
    ])
    expect(draft).toMatchObject({ text: 'ho', sequence: 2 })
  })

  it('applies an operation without a base to the newest text', () => {
    const draft = document('abc')
    draft.apply(insert(0, '--'), 'ann')
    draft.apply(insert(1, 'X'), 'bob')
    expect(draft.text).toBe('-X-abc')
  })

  it('transforms an operation against all that its author had not seen', () => {
    const draft = document('abcdef')
    draft.apply(insert(0, '>'), 'ann')
    draft.apply(remove(2, 2), 'ann')
    expect(draft.text).toBe('>adef')
    expect(draft.apply(insert(4, 'X', 1), 'bob')).toMatchObject([{ operation: { position: 3 } }])
    expect(draft.text).toBe('>adXef')
  })

  it('treats positions past the end of the base as its end', () => {
    const draft = document('abc')
    draft.apply(insert(3, 'def'), 'ann')
    expect(draft.apply(insert(99, 'X', 1), 'bob')).toMatchObject([{ operation: { position: 6 } }])
    expect(draft.apply(remove(5, 99), 'bob')).toMatchObject([{ operation: { position: 5, length: 2 } }])
    expect(draft.apply(remove(99, 1), 'bob')).toMatchObject([{ operation: { position: 5, length: 0 } }])
    expect(draft).toMatchObject({ text: 'abcde', sequence: 5 })
    // Up to the end of the text its author saw, and no further.
    const other = document('abc')
    other.apply(insert(3, 'def'), 'ann')
    other.apply(remove(1, 99, 1), 'bob')
    expect(other.text).toBe('adef')
  })

  it('keeps text inserted inside a deletion, by splitting the deletion into operations from the back', () => {
    const draft = document('abcdef')
    draft.apply(insert(2, 'XX'), 'ann')
    draft.apply(insert(6, 'YY'), 'ann')
    const revisions = draft.apply(remove(1, 4, 1), 'bob')
    expect(draft.text).toBe('aXXYYf')
    expect(revisions.map(({ sequence, operation }) => [sequence, operation])).toEqual([
      [4, { type: 'delete_text', position: 8, length: 1 }],
      [5, { type: 'delete_text', position: 4, length: 2 }],
      [6, { type: 'delete_text', position: 1, length: 1 }],
    ])
  })

  it('answers an operation of which nothing is left with one that does nothing', () => {
    const draft = document('abcdef')
    draft.apply(insert(3, 'X'), 'ann')
    draft.apply(remove(0, 7), 'ann')
    expect(draft.apply(remove(1, 4, 1), 'bob')).toMatchObject([
      { sequence: 4, operation: { type: 'delete_text', position: 0, length: 0 } },
    ])
    expect(draft.text).toBe('')
  })

  it('refuses a base it does not know, and changes nothing', () => {
    const draft = document('abc', { documentChars: 1000, historyOperations: 2 })
    for (let n = 0; n < 4; n += 1) draft.apply(insert(0, String(n)), 'ann')
    for (const base of [0, 2, 6]) {
      expect(() => draft.apply(insert(0, 'X', base), 'bob')).toThrow(/expected a base of 3…5, got .* resume_session/)
    }
    expect(draft).toMatchObject({ text: '3210abc', sequence: 5 })
    draft.apply(insert(7, 'X', 5), 'bob')
    expect(draft.text).toBe('3210abcX')
  })

  it('refuses to grow past its limit; deleting makes room', () => {
    const draft = document('abcd', { documentChars: 5, historyOperations: 10 })
    expect(() => draft.apply(insert(0, 'XX'), 'bob')).toThrow(ProblemError)
    expect(draft).toMatchObject({ text: 'abcd', sequence: 1 })
    draft.apply(remove(0, 1), 'bob')
    draft.apply(insert(0, 'XX'), 'bob')
    expect(draft.text).toBe('XXbcd')
  })

  it('returns the operations after a sequence, unless it is forgotten or ahead', () => {
    const draft = document('abc', { documentChars: 1000, historyOperations: 2 })
    draft.apply(insert(0, '1'), 'ann')
    draft.apply(insert(0, '2'), 'bob')
    expect(draft.since(3)).toEqual([])
    expect(draft.since(2)).toMatchObject([{ sequence: 3, author: 'bob' }])
    expect(draft.since(1)).toMatchObject([{ sequence: 2 }, { sequence: 3 }])
    expect(draft.since(0)).toBeUndefined()
    expect(draft.since(4)).toBeUndefined()
  })

  it('keeps no more history than a full text of insertions', () => {
    const draft = document('', { documentChars: 100, historyOperations: 1000 })
    for (let n = 0; n < 500; n += 1) {
      draft.apply(insert(0, 'x'.repeat(40)), 'ann')
      draft.apply(remove(0, 40), 'ann')
    }
    expect(draft.bytes).toBeLessThan(100 * 2 + 6 * 200)
  })

  it('keeps only those fields of an operation that are in the contract', () => {
    const draft = document()
    const asSent: object = { ...insert(0, 'a', 0), junk: 'x'.repeat(100) }
    const [revision] = draft.apply(asSent as TextOperation, 'ann')
    expect(revision?.operation).toEqual({ type: 'insert_text', position: 0, text: 'a' })
  })
})
