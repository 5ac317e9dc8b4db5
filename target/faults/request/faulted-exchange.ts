import type { FaultType } from '../../../contract/faults/fault.ts'
import type { Clock } from '../../../core/clock.ts'
import type { DelayQueue } from '../../../core/delay-queue.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { ProblemError } from '../../exchange/problem.ts'
import type { FaultPlan, Injection } from '../injection.ts'

/** An exchange as faults need it. The server implements it, for the version of HTTP that it serves. */
export interface FaultableExchange extends Exchange {
  /** Monotonic time of its arrival. */
  readonly startedAt: number
  /** Whether it opens a stream or a WebSocket. Then all faults act before the handler, because there is no ordinary answer. */
  readonly opens: boolean
  /** Discards the rest of the request. Unread input would hide that the client left. */
  discardRequest(): void
  /** Closes the connection after everything that was written. */
  close(): void
}

/** Dependencies of the faults of exchanges. */
export interface InjectionDependencies {
  clock: Clock
  delays: DelayQueue
  stations: Stations
  /** Takes exchanges that are never answered. */
  hanging: { add(exchange: FaultableExchange): void }
  stallListener: StallListener
}

/** Stations that exchanges pass before their handler. */
export interface Stations {
  /** Resolves when the service is over, or the exchange is turned away, or its client leaves. */
  enter(injection: Injection<'capacity'>, faulted: FaultedExchange): Promise<InjectedEnding | undefined>
}

/** Called after each stall. */
export interface StallListener {
  stalled(): void
}

/** An answer that a fault gives in place of the handler. */
export interface InjectedAnswer {
  status: number
  headers: Record<string, string>
  mediaType: string
  body: string
}

/** How an exchange ends without an answer. `gone`: the client has left. */
export type Silence = 'gone' | 'hang' | 'reset'

/** How an exchange ends before its handler. */
export type InjectedEnding = InjectedAnswer | ProblemError | Silence

/** How faults read and write the bodies of a format other than JSON. */
export interface AnswerCodec {
  /** Throws if the body cannot be read. */
  read(body: Buffer): unknown
  write(answer: object): Buffer
  /** Returns a body of the same length that no client can read. */
  spoil(body: Buffer): Buffer
  /** Returns the content of a body, without the bytes that frame it. */
  unwrap(body: Buffer): Buffer
  wrap(content: Buffer): Buffer
}

/** An answer on its way out. The server implements it. */
export interface OutgoingAnswer {
  /** Undefined for JSON, and for what is no data. */
  readonly codec?: AnswerCodec | undefined
  /** Undefined until it is set. */
  contentType: string | undefined
  /** Replaces it by another answer, and returns its body. Only headers that concern the connection are kept. */
  replace(answer: InjectedAnswer): string
  setHeader(name: string, value: string): void
}

/** Where and how a body ends early. */
export interface EarlyEnd {
  afterBytes: number
  /** `end`: like a complete body. */
  how: 'close' | 'end' | 'reset'
}

/** The pace of a body. */
export interface Pace {
  /** Size of a piece. */
  readonly pieceBytes: number
  /** Returns the monotonic time at which the next piece is due. */
  next(bytes: number): number
  /** Called when the body was sent. */
  over(): void
}

/** An answer as faults change it. */
export class FaultedAnswer {
  readonly outgoing: OutgoingAnswer
  payload: unknown
  /** Whether it was JSON before faults corrupted it; undefined until one asks. */
  isJson: boolean | undefined
  /** Where the body ends early. */
  end: EarlyEnd | undefined
  /** Starts the pace of the body. */
  dribble: (() => Pace) | undefined
  /** Delays before each chunk except the first. */
  readonly betweenChunks: ((ordinal: number) => Promise<Silence | undefined>)[] = []

  #delayedChunks = 0

  constructor(payload: unknown, outgoing: OutgoingAnswer) {
    this.payload = payload
    this.outgoing = outgoing
  }

  /** The bytes of a body that is complete in memory and not empty. */
  get bytes(): Buffer | undefined {
    const bytes = typeof this.payload === 'string' ? Buffer.from(this.payload) : this.payload
    return Buffer.isBuffer(bytes) && bytes.length > 0 ? bytes : undefined
  }

  /** Delays the next chunk. Returns false if the client left. */
  async delayChunk(): Promise<boolean> {
    const ordinal = this.#delayedChunks++
    for (const delay of this.betweenChunks) if ((await delay(ordinal)) !== undefined) return false
    return true
  }

  /** Whether a fault has to write the body. */
  get hasFaultyBody(): boolean {
    return this.end !== undefined || this.dribble !== undefined || this.betweenChunks.length > 0
  }
}

/** An exchange with its plan, and the effects of its faults so far. */
export class FaultedExchange {
  /** Number, planned time and actual time of the delays so far. */
  delays = 0
  plannedDelayMs = 0
  delayMs = 0
  /** From when the next delay before the handler counts: the arrival, or the end of the fault before it. */
  delaysFrom: number
  /** Time spent waiting and being served at stations. */
  queuedMs = 0
  servedMs = 0
  /** A fault has answered it. */
  isAnswered = false
  /** A fault has written the body and counted its bytes. */
  hasOwnBody = false
  readonly plan: FaultPlan
  readonly exchange: FaultableExchange
  readonly dependencies: InjectionDependencies

  constructor(plan: FaultPlan, exchange: FaultableExchange, dependencies: InjectionDependencies) {
    this.plan = plan
    this.exchange = exchange
    this.dependencies = dependencies
    this.delaysFrom = exchange.startedAt
  }

  /** Whether a fault acts before the handler; `after` is the value for acting after it. */
  actsBefore(at: string | undefined, after: string): boolean {
    return at === undefined || at === 'before_handler' || (this.exchange.opens && at === after)
  }

  actsAfter(at: string | undefined, after: string): boolean {
    return at === after && !this.exchange.opens
  }

  /** Ends the exchange without an answer. */
  end(how: Silence): void {
    if (how === 'hang') this.dependencies.hanging.add(this.exchange)
    else if (how === 'reset') this.exchange.reset()
  }
}

/** Outcome of a fault in a stage: nothing, the end of the exchange, or `decided`, which skips the other faults of the stage. */
export type InjectedOutcome<End> = End | undefined | Promise<End | undefined>

/**
 * A fault of exchanges, as the stages in which it acts. Stages run in this order; within a stage, faults act in the order of
 * their rules.
 */
export interface RequestFault<Type extends FaultType = FaultType> {
  /** Takes time before the handler. */
  wait?(injection: Injection<Type>, faulted: FaultedExchange): InjectedOutcome<InjectedEnding>
  /** Queues at a station, after the waits. */
  queue?(injection: Injection<Type>, faulted: FaultedExchange): InjectedOutcome<InjectedEnding>
  /** Ends the exchange in place of the handler. */
  preempt?(injection: Injection<Type>, faulted: FaultedExchange): InjectedOutcome<InjectedEnding>
  /** Replaces the answer of the handler. */
  replace?(injection: Injection<Type>, faulted: FaultedExchange, answer: FaultedAnswer): InjectedOutcome<AfterHandler>
  /** Changes the content of the answer. */
  corrupt?(injection: Injection<Type>, faulted: FaultedExchange, answer: FaultedAnswer): InjectedOutcome<AfterHandler>
  /** Takes time before the first byte. */
  head?(injection: Injection<Type>, faulted: FaultedExchange, answer: FaultedAnswer): InjectedOutcome<AfterHandler>
  /** Ends the answer, or decides where it will end. */
  end?(injection: Injection<Type>, faulted: FaultedExchange, answer: FaultedAnswer): InjectedOutcome<AfterHandler>
  /** Paces the body. */
  body?(injection: Injection<Type>, faulted: FaultedExchange, answer: FaultedAnswer): InjectedOutcome<AfterHandler>
}

export type AfterHandler = Silence | 'decided'
