import { ProblemError } from '../exchange/problem.ts'

/** Whether the client holds what the ETag names (`If-None-Match`, RFC 9110 §13.1.2): 304 will do. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag) return true
  return ifNoneMatch.trim() === '*' || tagsIn(ifNoneMatch).some(tag => opaque(tag) === opaque(etag))
}

/**
 * A change is made on the newest state only, if the client says which it knows (`If-Match`, RFC 9110 §13.1.1).
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

/** A part of a file, both ends inclusive, from 0. */
export interface ByteRange {
  first: number
  last: number
}

/**
 * The part of a file of `lengthBytes` that a `Range` asks for (RFC 9110 §14.2). Undefined means the whole file: nothing
 * was asked for, nothing that can be understood, or several parts at once, which a server need not serve.
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
