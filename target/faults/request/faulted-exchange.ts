import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { FaultType } from '../../../contract/faults/fault.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { DelayQueue } from '../../../core/delay-queue.ts'
import type { FaultPlan, Injection } from '../injection.ts'
import { earlyEnd } from './close-early.ts'
import { flipBits, invalidJson, wrongContentType } from './corrupt.ts'
import { delay, waitUntil } from './delay.ts'
import { Dribble } from './dribble.ts'
import type { Ending, InjectedAnswer } from './ending.ts'
import { FaultyBody } from '../../http/faulty-body.ts'
import type { Hanging } from './hang.ts'
import type { PendingHandshakes } from '../../http/pending-handshakes.ts'
import { resetConnection } from './reset.ts'
import { stall, type StallListener } from './stall.ts'
import type { Stations } from './stations.ts'
import { injectedAnswer } from './status.ts'

/** The parts that faults of exchanges are made of. */
export interface InjectionParts {
  clock: Clock
  delays: DelayQueue
  stations: Stations
  hanging: Hanging
  handshakes: PendingHandshakes
  stallListener: StallListener
}

/** An answer on its way out, as faults may change it. */
export interface OutgoingAnswer {
  /** Its content type; undefined while it has none. */
  contentType: string | undefined
  /** Puts another answer into its place: nothing of this one is left but what the connection needs. */
  replace(answer: InjectedAnswer): void
  setHeader(name: string, value: string): void
}

/** The fate of an exchange on its way to the handler. `gone`: the client has left. */
export type Passage = 'passes' | 'gone' | Ending

/**
 * The plan of one exchange, carried out stage by stage. Within a stage, faults come in the order of the rules; where only
 * one can be (two statuses), the first wins.
 */
export class FaultedExchange {
  /** How many delays there were, what they were to take, and took: so far. */
  delays = 0
  plannedDelayMs = 0
  delayMs = 0
  /** Time spent waiting and being served at stations. */
  queuedMs = 0
  servedMs = 0
  /** The body was written by a fault, which has counted its bytes. */
  hasOwnBody = false
  readonly #plan: readonly KnownInjection[]
  readonly #exchange: Exchange
  readonly #request: IncomingMessage
  readonly #parts: InjectionParts
  /** It opens a stream or a WebSocket: there is no answer that could be faulty, so all happens before. */
  readonly #opens: boolean
  #isAnswered = false

  constructor(plan: FaultPlan, exchange: Exchange, request: IncomingMessage, parts: InjectionParts) {
    this.#plan = plan
    this.#exchange = exchange
    this.#request = request
    this.#parts = parts
    this.#opens = opens(exchange, request)
  }

  /** All that comes before the handler: first what takes time, then the stations, then the answer in its place. */
  async approach(): Promise<Passage> {
    if (!isHandshake(this.#request)) return this.#approach()
    const { socket } = this.#request
    const { handshakes } = this.#parts
    listenForEnd(socket)
    handshakes.add(socket)
    try {
      return await this.#approach()
    } finally {
      handshakes.delete(socket)
      // The new owner of the socket closes it in its own way.
      socket.off('end', destroy)
    }
  }

  async #approach(): Promise<Passage> {
    for (const injection of this.#plan) {
      if (is(injection, 'stall')) stall(injection, this.#parts.clock, this.#parts.stallListener)
      else if (is(injection, 'delay') && this.#isBefore(injection.fault.at, 'before_first_byte')) {
        if (!(await this.#delay(injection))) return 'gone'
      }
    }
    for (const injection of this.#injectionsOf('capacity')) {
      const outcome = await this.#parts.stations.enter(injection, this.#exchange)
      if (outcome.kind === 'gone') return 'gone'
      this.queuedMs += outcome.queuedMs
      if (outcome.kind === 'turned_away') {
        this.#isAnswered = true
        return outcome.ending
      }
      this.servedMs += outcome.servedMs
    }
    return this.#endingBefore() ?? 'passes'
  }

  /**
   * All that comes after the handler: another status, what corrupts, what delays the first byte, then how it ends and at which
   * pace. Gives the body to send; undefined when nothing will be sent.
   */
  async answer(payload: unknown, answer: OutgoingAnswer): Promise<{ payload: unknown } | undefined> {
    const body = this.#corrupted(this.#replaced(payload, answer), answer)
    if (!this.#opens) {
      for (const injection of this.#injectionsOf('delay')) {
        if (injection.fault.at === 'before_first_byte' && !(await this.#delay(injection))) return undefined
      }
    }
    const ending = this.#plan.find(injection => this.#endsAnswer(injection))
    const fault = ending?.fault
    if (fault?.type === 'hang') {
      this.hang()
      return undefined
    }
    if (fault?.type === 'reset' && fault.afterBytes === undefined) {
      this.reset()
      return undefined
    }
    return { payload: this.#bodyOf(body, answer, ending) }
  }

  hang(): void {
    // A body that is still coming is read and forgotten: else it would be noticed late that the client left.
    if (isHandshake(this.#request)) {
      listenForEnd(this.#request.socket)
      this.#request.socket.resume()
    } else this.#request.resume()
    this.#parts.hanging.add(this.#request.socket)
  }

  reset(): void {
    resetConnection(this.#request.socket)
  }

  /** Whether a fault acts before the handler; `after` is the value for acting after it. */
  #isBefore(at: string | undefined, after: string): boolean {
    return at === undefined || at === 'before_handler' || (this.#opens && at === after)
  }

  #injectionsOf<Type extends FaultType>(type: Type): Injection<Type>[] {
    return this.#plan.filter(injection => is(injection, type))
  }

  #endingBefore(): Ending | undefined {
    for (const injection of this.#plan) {
      if (is(injection, 'status') && this.#isBefore(injection.fault.at, 'after_handler')) {
        this.#isAnswered = true
        return injectedAnswer(injection)
      }
      if (is(injection, 'hang') && this.#isBefore(injection.fault.at, 'after_handler')) return 'hang'
      if (is(injection, 'reset') && injection.fault.afterBytes === undefined) {
        if (this.#isBefore(injection.fault.at, 'after_handler')) return 'reset'
      }
    }
    return undefined
  }

  #endsAnswer({ fault }: KnownInjection): boolean {
    if (fault.type === 'close_early') return true
    if (fault.type === 'reset' && fault.afterBytes !== undefined) return true
    return (fault.type === 'reset' || fault.type === 'hang') && fault.at === 'after_handler' && !this.#opens
  }

  #replaced(payload: unknown, answer: OutgoingAnswer): unknown {
    if (this.#isAnswered || this.#opens) return payload
    const injection = this.#injectionsOf('status').find(({ fault }) => fault.at === 'after_handler')
    if (injection === undefined) return payload
    const injected = injectedAnswer(injection)
    answer.replace(injected)
    return injected.body
  }

  #corrupted(payload: unknown, answer: OutgoingAnswer): unknown {
    let body = payload
    // Whatever another rule makes of its type.
    const isJson = answer.contentType?.includes('json') ?? false
    for (const { fault, random } of this.#injectionsOf('corrupt')) {
      const bytes = bytesOf(body)
      if (fault.how === 'wrong_content_type') {
        if (answer.contentType !== undefined) answer.setHeader('content-type', wrongContentType(answer.contentType))
      } else if (bytes === undefined) continue
      else if (fault.how === 'bit_flips') body = flipBits(bytes, fault.flips ?? 1, random.fork('bits'))
      else if (isJson) body = invalidJson(bytes)
    }
    return body
  }

  /** The body as it is, or one that writes itself. */
  #bodyOf(payload: unknown, answer: OutgoingAnswer, ending: KnownInjection | undefined): unknown {
    const body = payload instanceof Readable ? payload : bytesOf(payload)
    if (body === undefined || this.#request.method === 'HEAD') return payload
    const { clock } = this.#parts
    const lengthBytes = Buffer.isBuffer(body) ? body.length : undefined
    const isEarly = ending !== undefined && (is(ending, 'close_early') || is(ending, 'reset'))
    const end = isEarly ? earlyEnd(ending.fault, lengthBytes) : undefined
    const [dribbling] = this.#injectionsOf('dribble')
    const between = this.#injectionsOf('delay').filter(({ fault }) => isBetweenChunks(fault.at))
    if (end === undefined && dribbling === undefined && between.length === 0) return payload
    if (end?.how === 'end') answer.setHeader('connection', 'close')
    if (lengthBytes !== undefined) {
      answer.setHeader('content-length', String(end?.how === 'end' ? end.afterBytes : lengthBytes))
    }
    this.hasOwnBody = true
    return new FaultyBody({
      body,
      exchange: this.#exchange,
      end,
      betweenChunks: between.length === 0 ? undefined : this.#betweenChunks(between),
      dribble: dribbling && (() => new Dribble(dribbling, clock)),
      waitUntil: dueAt => waitUntil(dueAt, this.#exchange, this.#parts.delays),
    })
  }

  #betweenChunks(injections: Injection<'delay'>[]): () => Promise<boolean> {
    let ordinal = 0
    return async () => {
      for (const injection of injections) if (!(await this.#delay(injection, ordinal))) return false
      ordinal += 1
      return true
    }
  }

  /** False when the client left. */
  async #delay(injection: Injection<'delay'>, ordinal = 0): Promise<boolean> {
    const delayed = await delay(injection, ordinal, this.#exchange, this.#parts)
    if (delayed === undefined) return false
    this.delays += 1
    this.plannedDelayMs += delayed.plannedMs
    this.delayMs += delayed.actualMs
    return true
  }
}

/** An injection whose fault's type can be told. */
type KnownInjection = { [Type in FaultType]: Injection<Type> }[FaultType]

function is<Type extends FaultType>(
  injection: KnownInjection,
  type: Type,
): injection is KnownInjection & Injection<Type> {
  return injection.fault.type === type
}

function isBetweenChunks(at: string | undefined): boolean {
  return at === 'between_chunks' || at === 'per_message'
}

/** The bytes of a body that is there as a whole, and is not empty. */
function bytesOf(payload: unknown): Buffer | undefined {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  return Buffer.isBuffer(bytes) && bytes.length > 0 ? bytes : undefined
}

const STREAMS: readonly string[] = ['streams.read', 'streams.notifications']

function opens({ operation }: Exchange, request: IncomingMessage): boolean {
  return isHandshake(request) || (request.method === 'GET' && STREAMS.includes(operation))
}

/** Whether the request asks for an upgrade that is served: Node has handed its socket over and no longer reads it. */
function isHandshake(request: IncomingMessage): boolean {
  return 'upgrade' in request && request.upgrade === true
}

/** Notices that the client has left. Between the two protocols nothing else reads the socket. */
function listenForEnd(socket: Socket): void {
  socket.once('end', destroy)
  socket.read(0)
}

function destroy(this: Socket): void {
  this.destroy()
}
