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
