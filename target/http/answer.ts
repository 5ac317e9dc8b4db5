import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { headers } from '../../contract/headers.ts'
import type { Lifecycle } from '../lifecycle/lifecycle.ts'
import { injectAfter } from './injection.ts'
import { LeanResponse } from './lean-response.ts'
import { exchangeOf, hasTaken, type RequestExchange, SMALL_BYTES } from './request-exchange.ts'
import { isUnread, keepConnection, sendBehindBody, type UnreadBodyOptions } from './unread-body.ts'

type Send = (error: Error | null, payload?: unknown) => void

/**
 * Prepares every answer before it is sent. It waits for the rest of the request's body, charges the memory budget, injects
 * faults and adds `Server-Timing`.
 * @param timing whether answers have `Server-Timing`
 */
export function prepareAnswers(
  app: FastifyInstance,
  lifecycle: Pick<Lifecycle, 'phase'>,
  unreadBodies: UnreadBodyOptions,
  timing: boolean,
): void {
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header(headers.requestId, request.id)
    const exchange = exchangeOf(request)
    const now = unreadBodies.clock.now()
    exchange?.handled(now)
    if (reply.statusCode >= 400) keepConnection(reply)
    if (!isUnread(request.raw)) return answer(exchange, reply, payload, done, now)
    sendBehindBody(request, reply, unreadBodies, () => answer(exchange, reply, payload, done))
  })

  function answer(
    exchange: RequestExchange | undefined,
    reply: FastifyReply,
    payload: unknown,
    done: Send,
    now?: number,
  ): void {
    // A kept connection would delay the end of the target.
    if (lifecycle.phase === 'stopping' && reply.raw.req.httpVersionMajor < 2) reply.header('connection', 'close')
    if (exchange === undefined) return done(null, payload)
    // Text was created for this answer alone. A buffer belongs to an owner that counts it.
    if (typeof payload === 'string' && payload.length > SMALL_BYTES && !exchange.reserve(payload.length)) {
      if (exchange.isOpen) return done(exchange.memoryRefusal(payload.length))
    }
    const { faulted } = exchange
    if (faulted !== undefined) {
      const { clock } = unreadBodies
      const beginFaulted = (body: unknown) => {
        begin(exchange, reply, body, clock.now())
        if (payload instanceof Readable && !faulted.hasOwnBody) watchHead(exchange, reply, payload)
      }
      return injectAfter(faulted, { reply, payload }, beginFaulted, done)
    }
    begin(exchange, reply, payload, now)
    if (payload instanceof Readable) watchHead(exchange, reply, payload)
    done(null, payload)
    if (!exchange.waits) exchange.headLeft = hasTaken(reply.raw)
  }

  /** Prepares an answer that is sent next. */
  function begin(exchange: RequestExchange, reply: FastifyReply, payload: unknown, now: number | undefined): void {
    if (timing) reply.header('server-timing', serverTiming(exchange))
    const { raw } = reply
    // Text is complete. Any other body has its own pace.
    if (typeof payload === 'string' && now !== undefined && raw instanceof LeanResponse) {
      exchange.waits = true
      raw.waitFor(exchange, now)
    } else exchange.headSent(now)
  }
}

/**
 * Notes when the head of a streamed answer was handed to the network, and counts the bytes of its body. By its second chunk, the
 * network has accepted or refused the first.
 */
function watchHead(exchange: RequestExchange, { raw }: FastifyReply, payload: Readable): void {
  payload.on('data', (chunk: Buffer) => {
    exchange.bytesOut += chunk.length
    exchange.headLeft ||= hasTaken(raw)
  })
}

/**
 * Returns the `Server-Timing` of an answer, in ms, with the times of the ledger: the planned and the actual delay, the wait and
 * the service at stations, and the time of the handler, unless a fault answered in its place.
 */
function serverTiming({ faulted, handlerMs }: RequestExchange): string {
  const entries: string[] = []
  if (faulted !== undefined) {
    const { plannedDelayMs, delayMs, queuedMs, servedMs } = faulted
    entries.push(entry('planned-delay', plannedDelayMs), entry('delay', delayMs))
    entries.push(entry('queue', queuedMs), entry('service', servedMs))
  }
  if (handlerMs !== undefined) entries.push(entry('handler', handlerMs))
  return entries.join(', ')
}

function entry(name: string, durationMs: number): string {
  return `${name};dur=${Math.round(durationMs * 1000) / 1000}`
}
