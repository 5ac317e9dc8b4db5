import type { OperationName } from '../../contract/operations.ts'
import type { Bearer } from '../auth/bearer.ts'
import type { RunAccount } from '../ledger/account.ts'
import type { ProblemError } from '../problem.ts'

/** One request and its answer: who asks for what, in which run, under which key. Made when the head of the request is read. */
export interface Exchange {
  /** The client's `X-Loadcell-Exchange`; absent when it sent none. */
  readonly key: string | undefined
  readonly run: string
  readonly tenant: string
  readonly operation: OperationName
  /** The bearer of the token; set by the guard, absent for guests. */
  bearer: Bearer | undefined
  readonly account: RunAccount
  /** Bytes of the request's body as they came, before unpacking. */
  bytesIn: number
  /** The JSON that the body was parsed from, unpacked; absent for other bodies. */
  bodyText: string | undefined
  /** Bytes of the answer's body, chunk framing not counted; whoever hijacks the reply adds what it hands to the socket. */
  bytesOut: number
  /** The network has taken the head of the answer. An answer may be written and never leave: its client is gone, or it waits behind another. */
  headLeft: boolean
  /** Neither answered to the end, nor left by its client. */
  readonly isOpen: boolean
  /** Called once if the client goes while somebody waits on its behalf; whoever waits sets it, and takes it away again. */
  onGone: (() => void) | undefined
  /** Charges memory so that at least `bytes` are counted until the exchange ends. Returns false if there is no room, or it has ended. */
  reserve(bytes: number): boolean
  /** Returns the problem for an exchange without room for `bytes` more, and counts the refusal. */
  memoryRefusal(bytes: number): ProblemError
  /** It has left a station: how long it waited in its queue, and was served; who waited in vain was not. */
  visited(waitMs: number, serviceMs?: number): void
  /** The head of a hijacked reply was written: its status counts now, and its end is no response time. */
  streamOpened(status: number): void
  /** The body of a hijacked reply came to its end, whoever ended it. */
  streamEnded(): void
}
