import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { matchOf, streamingOperations } from '../../contract/api/operations.ts'
import type { Clock } from '../../core/clock.ts'
import { http2StreamOf, NO_ERROR } from './http2-exchange.ts'
import { linger, type LingerLimits } from './connections.ts'

/** A client that sends nothing for this long is assumed to wait for the answer. */
const PAUSE_MS = 500

/** Key of the response on a request whose client waits for `100 Continue` before it sends the body. */
const awaited: unique symbol = Symbol('awaits 100 Continue')

declare module 'node:http' {
  interface IncomingMessage {
    [awaited]?: ServerResponse | undefined
  }
}

/** Sends `100 Continue` only when a body is read, so that a client refused before that need not send it. */
export function continueWhenWanted(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    request[awaited] = response
    server.emit('request', request, response)
  })
}

/** Sends `100 Continue` if the client waits for it. Call it when reading the body begins. */
export function askForBody(request: IncomingMessage): void {
  request[awaited]?.writeContinue()
  request[awaited] = undefined
}

/** Whether the body of a request that is about to be answered was not read: it is still on its way, or came while a fault held the request. */
export function isUnread(request: IncomingMessage): boolean {
  const { headers, readableEnded } = request
  const stream = http2StreamOf(request)
  if (stream !== undefined) return !stream.endAfterHeaders && !readableEnded
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  return hasBody && !readableEnded
}

/** Limits for reading the rest of a body before its answer is sent. */
export interface UnreadBodyOptions {
  limits: LingerLimits
  clock: Clock
}

/** Removes the `Connection: close` that the framework sets for an unusable body, because the body is read to its end here. */
export function keepConnection(reply: FastifyReply): void {
  if (reply.getHeader('connection') === 'close') reply.removeHeader('connection')
}

/** Sends an answer once the rest of the request body has been read, or reading has been given up. */
export function sendBehindBody(
  { raw, exchange }: FastifyRequest,
  reply: FastifyReply,
  { limits, clock }: UnreadBodyOptions,
  send: () => void,
): void {
  if (!isUnread(raw)) return send()
  discardBody(raw, limits, clock, exchange, isOver => {
    const stream = http2StreamOf(raw)
    if (isOver) return send()
    if (stream !== undefined) {
      // RFC 9113 §8.1: after a whole answer, it asks the client to send no more, without an error.
      // Trailers follow the body, and the code would overtake them.
      stream.once('wantTrailers', () => setImmediate(() => stream.close(NO_ERROR)))
    } else {
      void reply.header('connection', 'close')
      const destroySoon = () => linger(raw.socket, limits, clock)
      raw.socket.destroySoon = destroySoon
    }
    send()
  })
}

/** Whether a client may keep its side open for as long as it wants: a call of gRPC whose answer is a stream. */
function isStreamed({ headers, method = '', url = '' }: IncomingMessage): boolean {
  if (headers['content-type']?.startsWith('application/grpc') !== true) return false
  const operation = matchOf(method, url)?.operation
  return operation !== undefined && streamingOperations.includes(operation)
}

/** Counts the bytes that were read of a body. */
interface BodyCount {
  bytesIn: number
}

/**
 * Reads and discards the rest of a body, because many clients write all of it before they read the answer. Calls `done(true)`
 * at the end of the body: the connection can be kept. Calls `done(false)` if the client waits for the answer, or if the body is
 * too long or too slow: the connection must be closed after the answer.
 */
function discardBody(
  request: IncomingMessage,
  { bytes: mostBytes, ms: mostMs }: LingerLimits,
  clock: Clock,
  count: BodyCount | undefined,
  done: (isOver: boolean) => void,
): void {
  const { socket } = request
  let bytes = count?.bytesIn ?? 0
  let isDone = false
  let waiting: AbortController | undefined
  const stopWaiting = () => {
    isDone = true
    waiting?.abort()
  }
  const finish = (isOver: boolean) => {
    if (isDone) return
    stopWaiting()
    request.off('end', onEnd)
    request.off('data', onData)
    // The two ends can only agree on the length of a body that was read to its end.
    if (count !== undefined) count.bytesIn = isOver ? bytes : 0
    request.resume()
    done(isOver)
  }
  const onEnd = () => finish(true)
  const onData = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > mostBytes) finish(false)
  }
  // Without its `100 Continue` the client may never send the body, and one that streams need not end it.
  if (
    request[awaited] !== undefined ||
    isStreamed(request) ||
    Number(request.headers['content-length'] ?? 0) > mostBytes
  )
    return finish(false)
  request.on('end', onEnd)
  request.on('data', onData)
  // `close` means that the client is gone. An error adds nothing to that.
  request.once('close', stopWaiting)
  request.on('error', () => {})
  if (socket.destroyed) return stopWaiting()
  // Most bodies arrive with their request and end in this turn, so they need no timer.
  setImmediate(() => {
    if (!isDone) void giveUpInTime()
  })

  async function giveUpInTime(): Promise<void> {
    const { signal } = (waiting = new AbortController())
    const giveUpAt = clock.now() + mostMs
    for (let before = -1; before !== bytes && clock.now() < giveUpAt; ) {
      before = bytes
      await clock.sleep(Math.min(PAUSE_MS, giveUpAt - clock.now()), signal)
      if (signal.aborted) return
    }
    finish(false)
  }
}
