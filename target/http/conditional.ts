import { ProblemError } from '../exchange/problem.ts'

/** Whether the client has the version with this ETag (`If-None-Match`, RFC 9110 §13.1.2), so that 304 is enough. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag) return true
  return ifNoneMatch.trim() === '*' || tagsIn(ifNoneMatch).some(tag => opaque(tag) === opaque(etag))
}

/**
 * Refuses a change of a version other than the newest, if the client states its version (`If-Match`, RFC 9110 §13.1.1).
 * @throws ProblemError precondition_failed
 */
export function requireNewest(ifMatch: string | undefined, etag: string): void {
  // Weak tags never match here.
  if (ifMatch === undefined || ['', '*'].includes(ifMatch.trim()) || tagsIn(ifMatch).includes(etag)) return
  throw new ProblemError(
    'precondition_failed',
    `expected If-Match ${etag}, got ${ifMatch.slice(0, 80)}: read it again`,
    {
      headers: { etag },
    },
  )
}

function tagsIn(list: string): string[] {
  return list.match(/(?:W\/)?"[^"]*"/g) ?? []
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}

/** A part of a file. Both ends are inclusive and count from 0. */
export interface ByteRange {
  first: number
  last: number
}

/**
 * Returns the part of a file that a `Range` requests (RFC 9110 §14.2). Undefined means the whole file: without a range, for one
 * that is not understood, or for several parts, which a server need not serve.
 */
export function byteRange(range: string | undefined, lengthBytes: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(range ?? '') ?? []
  if (first === '') {
    if (last === '') return undefined
    const suffixBytes = Math.min(Number(last), lengthBytes)
    return suffixBytes === 0 ? 'unsatisfiable' : { first: lengthBytes - suffixBytes, last: lengthBytes - 1 }
  }
  if (last !== '' && Number(last) < Number(first)) return undefined
  if (Number(first) >= lengthBytes) return 'unsatisfiable'
  return { first: Number(first), last: last === '' ? lengthBytes - 1 : Math.min(Number(last), lengthBytes - 1) }
}
