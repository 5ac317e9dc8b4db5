import { type ExchangeFailure, failureOf } from '../failure.ts'
import { errorCodes } from './error-codes.ts'

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(errorCodes).map(([name, code]) => [code, name]))

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
  if (goaway !== undefined && goaway !== errorCodes.NO_ERROR) {
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
  if (code === errorCodes.CANCEL || code === errorCodes.NO_ERROR) return { reason: 'closed', example }
  return {
    reason: code === errorCodes.PROTOCOL_ERROR || code === errorCodes.HTTP_1_1_REQUIRED ? 'protocol' : 'reset',
    example,
  }
}

function nameOf(code: number): string {
  return NAMES.get(code) ?? `the code ${code}`
}
