import type { OperationName } from '../../contract/api/operations.ts'
import type { Bearer } from './bearer.ts'
import type { RunAccount } from './account.ts'
import type { ProblemError } from './problem.ts'

/**
 * One request and its answer: the caller, the operation, the run and the key. It is created when the head of the
 * request is read.
 */
export interface Exchange {
  /** Value of `X-Loadcell-Exchange`; undefined without that header. */
  readonly key: string | undefined
  readonly run: string
  readonly tenant: string
  readonly operation: OperationName
  /** The bearer of the token; set by the guard, absent for guests. */
  bearer: Bearer | undefined
  readonly account: RunAccount
  /** Bytes of the request body as received, before unpacking. */
  bytesIn: number
  /** Unpacked JSON text of the body; undefined for other bodies. */
  bodyText: string | undefined
  /** Bytes of the response body without chunk framing. Code that hijacks the reply adds what it writes. */
  bytesOut: number
  /**
   * Whether the head of the answer was handed to the network. A written answer may never be sent: its client may be gone, or
   * it may wait behind another answer.
   */
  headLeft: boolean
  /** Whether the answer is incomplete and the client is still connected. */
  readonly isOpen: boolean
  /** Called once if the client leaves. Code that waits on behalf of the client sets it, and removes it afterwards. */
  onGone: (() => void) | undefined
  /**
   * Charges memory so that at least `bytes` are counted until the exchange ends. Returns false if there is no room, or
   * it has ended.
   */
  reserve(bytes: number): boolean
  /** Returns the problem for an exchange without room for `bytes` more, and counts the refusal. */
  memoryRefusal(bytes: number): ProblemError
  /** Records a visit to a station: the wait in its queue, and the service unless the visitor left before it. */
  visited(waitMs: number, serviceMs?: number): void
  /** Ends the exchange with a RST on behalf of a fault. Bytes that were not sent yet are lost. */
  reset(): void
  /** Records that the head of a hijacked reply was written. Its status counts now; its duration is no response time. */
  streamOpened(status: number): void
  /** Records the end of a hijacked reply, on either side. */
  streamEnded(): void
}
