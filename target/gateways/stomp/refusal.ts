import { FrameError } from '../../../contract/stomp/frame-reader.ts'
import type { KnownCloseCode } from '../../../contract/sockets/close-codes.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { isForbidden, SocketRefusal } from '../../protocols/refusal.ts'

/** A frame that cannot be served. It is answered with ERROR, and the connection closes. */
export class StompRefusal extends Error {
  readonly code: string
  /** Number of events that it counts as rejected. */
  readonly rejected: number

  constructor(code: string, detail: string, rejected = 0) {
    super(detail)
    this.name = 'StompRefusal'
    this.code = code
    this.rejected = rejected
  }
}

/** Returns what a client is told of an error; undefined for a defect of the target. */
export function refusalOf(error: unknown): StompRefusal | undefined {
  if (error instanceof StompRefusal) return error
  if (error instanceof FrameError) return new StompRefusal('malformed_frame', error.message)
  if (error instanceof ProblemError || error instanceof SocketRefusal)
    return new StompRefusal(error.code, error.message)
  return undefined
}

/** Codes after which the client may come back later. */
const PASSING: ReadonlySet<string> = new Set([
  'too_many_subscriptions',
  'too_many_channels',
  'too_many_streams',
  'memory_exhausted',
])

/** Returns the code that closes the connection after the ERROR. */
export function closeCodeAfter(code: string): KnownCloseCode {
  if (PASSING.has(code)) return 1013
  return isForbidden(code) ? 4403 : 4400
}
