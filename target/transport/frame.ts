/** Ready-made bytes, shared by every connection they go to. */
export interface Frame {
  /** The payload in chunked transfer coding, so that it goes to a socket as it is. */
  readonly chunk: Buffer
  readonly payloadBytes: number
  /** Of the event it carries; '' for a control frame. */
  readonly cursor: string
}

const CRLF_BYTES = 2

export function frameOf(payload: string, cursor = ''): Frame {
  const payloadBytes = Buffer.byteLength(payload)
  return { chunk: Buffer.from(`${payloadBytes.toString(16)}\r\n${payload}\r\n`), payloadBytes, cursor }
}

/** Without the chunk framing, for clients that speak HTTP/1.0. */
export function payloadOf({ chunk, payloadBytes }: Frame): Buffer {
  const end = chunk.length - CRLF_BYTES
  return chunk.subarray(end - payloadBytes, end)
}
