/** The bytes of a server are not a response that RFC 9112 allows, or that could be told apart from the next one. */
export class MalformedResponse extends Error {
  readonly code = 'HARNESS_MALFORMED_RESPONSE'
}

const LONGEST_EXCERPT_BYTES = 60

/** @returns the error with the bytes that are wrong. */
export function malformed(expected: string, bytes: Uint8Array, start: number, end: number): MalformedResponse {
  const cut = Math.min(end, start + LONGEST_EXCERPT_BYTES)
  const excerpt = JSON.stringify(String.fromCharCode(...bytes.subarray(start, cut)))
  return new MalformedResponse(`expected ${expected}, got ${excerpt}${cut < end ? '…' : ''}`)
}
