import type { IncomingMessage } from 'node:http'
import { ProblemError } from '../exchange/problem.ts'

/** Bytes that RFC 9113 §6.5.2 adds for each field. */
const FIELD_BYTES = 32

/** Returns the problem with the size of the headers of an HTTP/2 request. Those of HTTP/1.1 are limited by the parser. */
export function headerListRefusal(request: IncomingMessage, limitBytes: number): ProblemError | undefined {
  if (request.httpVersionMajor < 2) return undefined
  const { rawHeaders } = request
  let bytes = (rawHeaders.length / 2) * FIELD_BYTES
  for (const text of rawHeaders) bytes += text.length
  if (bytes <= limitBytes) return undefined
  return new ProblemError('headers_too_large', `expected at most ${limitBytes} bytes of headers (http.headerBytes)`)
}
