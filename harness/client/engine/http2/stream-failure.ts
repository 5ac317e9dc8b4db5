import { constants } from 'node:http2'
import { type ExchangeFailure, failureOf } from '../failure.ts'

const { NGHTTP2_CANCEL, NGHTTP2_HTTP_1_1_REQUIRED, NGHTTP2_NO_ERROR, NGHTTP2_PROTOCOL_ERROR } = constants

/** Names of the error codes of RFC 9113 §7, by their numbers. */
const CODES: ReadonlyMap<number, string> = new Map(
  [
    'NO_ERROR',
    'PROTOCOL_ERROR',
    'INTERNAL_ERROR',
    'FLOW_CONTROL_ERROR',
    'SETTINGS_TIMEOUT',
    'STREAM_CLOSED',
    'FRAME_SIZE_ERROR',
    'REFUSED_STREAM',
    'CANCEL',
    'COMPRESSION_ERROR',
    'CONNECT_ERROR',
    'ENHANCE_YOUR_CALM',
    'INADEQUATE_SECURITY',
    'HTTP_1_1_REQUIRED',
  ].map((name, code) => [code, name]),
)

/** How a stream ended before its response was complete. */
export interface StreamEnd {
  /** Code of its RST_STREAM, or the one that stands for the end of its connection. */
  code: number
  error: Error | undefined
  /** Code of a GOAWAY that ended the connection. */
  goaway: number | undefined
  isConnectionLost: boolean
}

/** Returns why a response is incomplete. */
export function streamFailure({ code, error, goaway, isConnectionLost }: StreamEnd): ExchangeFailure {
  if (goaway !== undefined && goaway !== NGHTTP2_NO_ERROR) {
    return { reason: 'closed', example: `the server ended the connection with GOAWAY ${nameOf(goaway)}` }
  }
  // Node's own errors only repeat the code of the stream.
  const { code: errorCode = '' } = (error ?? {}) as NodeJS.ErrnoException
  if (error !== undefined && !errorCode.startsWith('ERR_HTTP2_STREAM')) {
    const failure = failureOf(error)
    if (failure.reason !== 'other') return failure
    return { reason: errorCode === 'ERR_HTTP2_ERROR' ? 'protocol' : 'closed', example: error.message }
  }
  if (isConnectionLost) {
    return { reason: 'closed', example: 'the server closed the connection before the response was complete' }
  }
  const example = `the server reset the stream with ${nameOf(code)}`
  if (code === NGHTTP2_CANCEL || code === NGHTTP2_NO_ERROR) return { reason: 'closed', example }
  return {
    reason: code === NGHTTP2_PROTOCOL_ERROR || code === NGHTTP2_HTTP_1_1_REQUIRED ? 'protocol' : 'reset',
    example,
  }
}

function nameOf(code: number): string {
  return CODES.get(code) ?? `the code ${code}`
}
