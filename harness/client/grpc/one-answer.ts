import type { ClientUnaryCall, ClientWritableStream, Metadata, StatusObject } from '@grpc/grpc-js'
import type { GrpcMessages, GrpcResponse } from '../../scenario/grpc.ts'
import { type ExchangeFailure } from '../engine/failure.ts'
import { Deadline } from './deadline.ts'
import { type CallEnding, endedAs, endingOf, failureOfCall, plain } from './ending.ts'
import { encoded, PREFIX_BYTES, type GrpcDependencies, type PreparedCall, unchanged } from './prepared-call.ts'
import { countPublished } from './published.ts'
import { showCall } from './watched-call.ts'

/** The outcome of a call. */
interface CallOutcome {
  ending: CallEnding
  bytes: Buffer | undefined
  headers: Metadata | undefined
  sentBytes: number
  sent: number
}

/** Makes a call with one answer, and measures it. */
export async function callOnce(
  dependencies: GrpcDependencies,
  call: PreparedCall,
  message: GrpcMessages,
  deadlineMs: number,
): Promise<GrpcResponse<object>> {
  const { session, method, tags, dueAt, handedAt } = call
  const { clock, recorder } = session
  const outcome = method.requestStream
    ? await stream(call, messagesIn(message), deadlineMs)
    : await unary(call, encoded(method, message), deadlineMs)
  const { ending, bytes, headers: metadata, sentBytes, sent } = outcome
  const endedAt = clock.now()
  // Other servers refuse with trailers only.
  const isAnswered = metadata !== undefined || ending.isFromServer
  let answer: object | undefined
  let failure: ExchangeFailure | undefined = failureOfCall(ending, call.expected, session.interrupted.aborted)
  try {
    if (ending.status === 'OK') answer = method.responseDeserialize(bytes ?? none())
  } catch (error) {
    failure = { reason: 'body', example: `expected a message of ${method.path}: ${(error as Error).message}` }
  }
  if (dependencies.watch !== undefined) {
    showCall(dependencies.watch, call, { message, headers: metadata, answer, endedAt, failure })
  }
  const status = isAnswered ? 200 : 0
  recorder.request({
    tags,
    dueAt,
    handedAt,
    sentAt: handedAt,
    endedAt,
    status,
    sentBytes,
    receivedBytes: bytes === undefined ? 0 : PREFIX_BYTES + bytes.length,
    ...(failure !== undefined && { failure }),
    stream: false,
  })
  if (isAnswered) recorder.add('http_req_http2', tags, 1, dueAt)
  recorder.add('grpc_reqs', endedAs(dependencies.tags, tags, ending), 1, dueAt)
  if (isAnswered && !ending.isFromServer) recorder.add('http_req_cut', tags, 1, dueAt)
  if (failure?.reason !== 'interrupted') recorder.time('grpc_req_duration', tags, endedAt - dueAt, dueAt)
  recorder.hit('grpc_req_failed', tags, failure !== undefined, dueAt)
  if (ending.status === 'UNAUTHENTICATED' && call.authorization !== undefined)
    session.token?.refused(call.authorization)
  const headers = plain(metadata)
  countPublished(dependencies.tags, session, { tags, dueAt, sent, isAnswered, ending, answer, headers })
  const { isFromServer: _isFromServer, ...shown } = ending
  return {
    ...shown,
    ok: failure === undefined,
    ...(failure !== undefined && { failure: failure.reason }),
    answer,
    durationMs: endedAt - dueAt,
    headers,
  }
}

async function unary(call: PreparedCall, bytes: Buffer, deadlineMs: number): Promise<CallOutcome> {
  const { client, path, metadata, session } = call
  const deadline = new Deadline(session.clock, deadlineMs)
  let answer: Buffer | undefined
  const request = client.makeUnaryRequest<Buffer, Buffer>(
    path,
    unchanged,
    unchanged,
    bytes,
    metadata,
    { deadline: deadline.wallTime },
    (_error, value) => (answer = value),
  )
  const { ending, headers, isSent } = await endOf(request, call, deadline)
  const sentBytes = isSent ? PREFIX_BYTES + bytes.length : 0
  return { ending, bytes: answer, headers, sentBytes, sent: isSent ? 1 : 0 }
}

async function stream(
  call: PreparedCall,
  messages: AsyncIterable<object> | Iterable<object>,
  deadlineMs: number,
): Promise<CallOutcome> {
  const { client, path, metadata, session, method } = call
  const deadline = new Deadline(session.clock, deadlineMs)
  let answer: Buffer | undefined
  let [sentBytes, sent] = [0, 0]
  const over = new AbortController()
  const request = client.makeClientStreamRequest<Buffer, Buffer>(
    path,
    unchanged,
    unchanged,
    metadata,
    { deadline: deadline.wallTime },
    (_error, value) => (answer = value),
  )
  request.on('error', () => {})
  const end = endOf(request, call, deadline)
  void end.then(() => over.abort())
  const send = async () => {
    for await (const message of messages) {
      if (over.signal.aborted) return
      const bytes = encoded(method, message)
      sentBytes += PREFIX_BYTES + bytes.length
      sent += 1
      // Flow control: what the server has not read yet is not sent.
      if (request.write(bytes)) continue
      await new Promise<void>(next => {
        request.once('drain', next)
        over.signal.addEventListener('abort', () => next())
      })
    }
    request.end()
  }
  const failed = send().then(
    () => end,
    (error: unknown) => {
      request.cancel()
      throw error
    },
  )
  const { ending, headers, isSent } = await Promise.race([end, failed])
  return { ending, bytes: answer, headers, sentBytes: isSent ? sentBytes : 0, sent: isSent ? sent : 0 }
}

/** Resolves when a call has ended. The end of the run cancels it. */
function endOf(
  request: ClientUnaryCall | ClientWritableStream<Buffer>,
  { library, session: { interrupted } }: PreparedCall,
  deadline: Deadline,
): Promise<Pick<CallOutcome, 'ending' | 'headers'> & { isSent: boolean }> {
  const cancel = () => request.cancel()
  interrupted.addEventListener('abort', cancel)
  let headers: Metadata | undefined
  request.on('metadata', (found: Metadata) => (headers = found))
  return new Promise(resolve => {
    request.on('status', (status: StatusObject) => {
      interrupted.removeEventListener('abort', cancel)
      const ending = endingOf(status, name => library.methods.deserializer(name), {
        cancelled: interrupted.aborted,
        late: deadline.hasPassed,
        answered: headers !== undefined,
      })
      resolve({ ending, headers, isSent: headers !== undefined || !isUnsent(ending) })
    })
  })
}

function isUnsent({ isFromServer, message }: CallEnding): boolean {
  return !isFromServer && /^(No connection|Name resolution|Failed to connect)/.test(message)
}

function messagesIn(message: GrpcMessages): AsyncIterable<object> | Iterable<object> {
  return Symbol.asyncIterator in message || Symbol.iterator in message ? message : [message]
}

function none(): never {
  throw new Error('there is none')
}
