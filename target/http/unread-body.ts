import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../core/clock.ts'
import { linger, type LingerLimits } from './linger.ts'

/** A client that sends nothing for this long waits for the answer. */
const PAUSE_MS = 500

/** Where a request keeps the answer whose client waits for `100 Continue` before it sends the body. */
const awaited: unique symbol = Symbol('awaits 100 Continue')

declare module 'node:http' {
  interface IncomingMessage {
    [awaited]?: ServerResponse | undefined
  }
}

/** Clients that expect `100 Continue` get it when somebody wants their body, and not when they are refused before that. */
export function continueWhenWanted(server: Server): void {
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    request[awaited] = response
    server.emit('request', request, response)
  })
}

/** Somebody reads the body now. */
export function askForBody(request: IncomingMessage): void {
  request[awaited]?.writeContinue()
  request[awaited] = undefined
}

/** Whether a client may still be sending the body of a request that is about to be answered. */
export function isUnread({ headers, complete, readableEnded }: IncomingMessage): boolean {
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
  return hasBody && !complete && !readableEnded
}

/** How answers are kept from being lost while their clients still send. */
export interface UnreadBodyParts {
  limits: LingerLimits
  clock: Clock
}

/** Takes back that the framework closes the connection behind every body it cannot use: once read, it is in nobody's way. */
export function keepConnection(reply: FastifyReply): void {
  if (reply.getHeader('connection') === 'close') reply.removeHeader('connection')
}

/** Sends an answer, once the body that was sent with its request is out of the way. */
export function sendBehindBody(
  { raw, exchange }: FastifyRequest,
  reply: FastifyReply,
  { limits, clock }: UnreadBodyParts,
  send: () => void,
): void {
  passOver(raw, limits, clock, exchange, isOver => {
    if (!isOver) {
      void reply.header('connection', 'close')
      raw.socket.destroySoon = () => linger(raw.socket, limits, clock)
    }
    send()
  })
}

/** The bytes that were read of a body, for whoever counts them. */
interface BodyCount {
  bytesIn: number
}

/**
 * Reads the rest of a body that nobody wants, so that its client, which may write all of it before it reads, finds the answer
 * and a connection that is not reset. Calls `done` when the body is over: then the connection can be kept. Calls it with false
 * when the client waits, or the body is too long or too slow to wait for: then the connection has to be closed behind the answer,
 * and what still comes is passed over.
 */
function passOver(
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
    // A body that was not read to its end has no length that both ends could agree on.
    if (count !== undefined) count.bytesIn = isOver ? bytes : 0
    request.resume()
    done(isOver)
  }
  const onEnd = () => finish(true)
  const onData = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > mostBytes) finish(false)
  }
  // A client that has not been told to go on may never send the body.
  if (request[awaited] !== undefined || Number(request.headers['content-length'] ?? 0) > mostBytes) return finish(false)
  request.on('end', onEnd)
  request.on('data', onData)
  // The client is gone: nobody waits any more.
  request.once('close', stopWaiting)
  // Its errors say no more than that.
  request.on('error', () => {})
  if (socket.destroyed) return stopWaiting()
  // Most bodies have come with their request and are over in this turn: they take no timer.
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
