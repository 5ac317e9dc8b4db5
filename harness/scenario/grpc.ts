import type { GrpcStatus } from '../../contract/grpc/status.ts'
import type { Duration } from '../../core/duration.ts'
import type { FailureReason } from '../metrics/catalog.ts'
import type { TagValues } from '../metrics/tag-sets.ts'
import type { ReadRate } from './streams.ts'

/** Calls services of gRPC, at the target or another server. Needs the packages @grpc/grpc-js and @grpc/proto-loader. */
export interface Grpc {
  /**
   * Calls a method with one answer, such as `loadcell.v1.Events/Publish`. A method that takes a stream gets its messages as a list or
   * an (async) iterable. Never rejects because of the server: a status that was not expected is a failure.
   * @throws TypeError for a method or message that the proto files do not have
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  call<Answer = Record<string, unknown>>(
    method: string,
    message?: GrpcMessages,
    options?: GrpcCallOptions,
  ): Promise<GrpcResponse<Answer>>
  /**
   * Opens a call whose answer is a stream, with its first message. It ends with its iteration at the latest, or with its user if it was
   * opened in `begin`. @throws StreamError without a token
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- an author's shorthand for a cast
  stream<Item = Record<string, unknown>>(
    method: string,
    message?: object,
    options?: GrpcStreamOptions,
  ): Promise<GrpcStream<Item>>
}

/** A message, or several for a method that takes a stream. */
export type GrpcMessages = object | Iterable<object> | AsyncIterable<object>

export interface GrpcOptions {
  /**
   * Files that describe the method, relative to the working directory. Default: those of the target for its own services; for any other
   * service, the server is asked (reflection).
   */
  proto?: string | readonly string[]
  /** Time until the server must have ended the call; default 60s for `call`, none for `stream`. */
  deadline?: Duration
  /** Metadata besides the token, the run and the trace. */
  metadata?: Readonly<Record<string, string>>
  /** Statuses that are no failures; default OK. */
  expect?: GrpcStatus | readonly GrpcStatus[]
  /** Name in reports; default: the method. */
  name?: string
  tags?: TagValues
}

export type GrpcCallOptions = GrpcOptions

export interface GrpcStreamOptions extends GrpcOptions {
  /** Ends the stream after this time. */
  until?: Duration
  /** Reads no faster, so that flow control holds the server back. */
  readRate?: ReadRate
}

/** How a call ended. */
export interface GrpcEnding {
  status: GrpcStatus
  /** The server's words about it. */
  message: string
  /** Details of Google's error model, by the name of their type. */
  details: readonly GrpcDetail[]
  trailers: Readonly<Record<string, string>>
}

export interface GrpcDetail {
  /** Such as `google.rpc.RetryInfo`. */
  type: string
  /** Its fields, where the type is known: ErrorInfo, RetryInfo and BadRequest. */
  value: Record<string, unknown>
}

export interface GrpcResponse<Answer> extends GrpcEnding {
  /** Whether the status was expected and the answer could be read. */
  ok: boolean
  failure?: FailureReason
  /** Undefined without an answer. */
  answer: Answer | undefined
  /** From when the call was due to its status. */
  durationMs: number
  headers: Readonly<Record<string, string>>
}

/** A call under way. Iterating it yields what the server sends until either side or the run ends it. */
export interface GrpcStream<Item> extends AsyncIterable<Item> {
  /** Resolves with the next message; with undefined after `timeout`, or at the end. */
  next(options?: { timeout?: Duration }): Promise<Item | undefined>
  /** Sends a message. Resolves once there is room for another; with false after the end. */
  send(message: object): Promise<boolean>
  /** Says that no message follows. The server may still send. */
  end(): void
  /** Ends the call, reads what is under way, and resolves with its ending. */
  close(): Promise<GrpcEnding>
  /** Resolves with how it ended. */
  readonly ended: Promise<GrpcEnding>
}
