import type { FaultType } from '../../../contract/faults/fault.ts'
import type { Clock } from '../../../core/clock.ts'
import type { DelayQueue } from '../../../core/delay-queue.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { ProblemError } from '../../exchange/problem.ts'
import type { FaultPlan, Injection } from '../injection.ts'

/** An exchange as faults need it. The server implements it, for the version of HTTP that it serves. */
export interface FaultableExchange extends Exchange {
  /** Whether it opens a stream or a WebSocket: no answer could be faulty, so all faults act before the handler. */
  readonly opens: boolean
  /** Discards what still comes of the request: otherwise it would be noticed late that the client left. */
  discardRequest(): void
  /** Ends without an answer, behind what was written. */
  close(): void
}

/** The parts that inject faults into exchanges. */
export interface InjectionDependencies {
  clock: Clock
  delays: DelayQueue
  stations: Stations
  /** Takes exchanges that are never answered. */
  hanging: { add(exchange: FaultableExchange): void }
  stallListener: StallListener
}

/** Queues with servers that exchanges pass on their way to the handler. */
export interface Stations {
  /** Resolves when its service is over, when it is turned away, or when the client is gone. */
  enter(injection: Injection<'capacity'>, faulted: FaultedExchange): Promise<InjectedEnding | undefined>
}

/** Told of each stall when it is over. */
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

/** An end without an answer. `gone`: the client has left. */
export type Silence = 'gone' | 'hang' | 'reset'

/** The end of an exchange before its handler. */
export type InjectedEnding = InjectedAnswer | ProblemError | Silence

/** An answer on its way out. The server implements it. */
export interface OutgoingAnswer {
  /** Undefined while it has none. */
  contentType: string | undefined
  /** Replaces it by another answer: nothing of this one is left but what the connection needs. */
  replace(answer: InjectedAnswer): void
  setHeader(name: string, value: string): void
}

/** Where a body stops short, and how. */
export interface EarlyEnd {
  afterBytes: number
  /** `end`: as if it were complete. */
  how: 'close' | 'end' | 'reset'
}

/** The pace of a body. */
export interface Pace {
  /** Bytes that come at once. */
  readonly pieceBytes: number
  /** Returns when the next piece is due: monotonic ms. */
  next(bytes: number): number
  /** The body is through. */
  over(): void
}

/** An answer as faults change it. */
export class FaultedAnswer {
  readonly outgoing: OutgoingAnswer
  payload: unknown
  /** Whether it was JSON before faults corrupted it; undefined until one asks. */
  isJson: boolean | undefined
  /** Where the body stops short. */
  end: EarlyEnd | undefined
  /** The pace of the body, which counts from this call. */
  dribble: (() => Pace) | undefined
  /** Delays before every chunk but the first. */
  readonly betweenChunks: ((ordinal: number) => Promise<Silence | undefined>)[] = []

  #delayedChunks = 0

  constructor(payload: unknown, outgoing: OutgoingAnswer) {
    this.payload = payload
    this.outgoing = outgoing
  }

  /** The bytes of a body that is there as a whole, and is not empty. */
  get bytes(): Buffer | undefined {
    const bytes = typeof this.payload === 'string' ? Buffer.from(this.payload) : this.payload
    return Buffer.isBuffer(bytes) && bytes.length > 0 ? bytes : undefined
  }

  /** Delays the next chunk. Returns false when the client left. */
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

/** An exchange for which there is a plan, and what its faults have done so far. */
export class FaultedExchange {
  /** The delays so far: their number, planned time and actual time. */
  delays = 0
  plannedDelayMs = 0
  delayMs = 0
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

/** Outcome of a stage of one fault: nothing, the end of the exchange, or `decided`: the first fault of a stage wins. */
type InjectedOutcome<End> = End | undefined | Promise<End | undefined>

/**
 * A fault of exchanges: the stages it acts in, in this order. Within a stage, faults act in the order of their rules.
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
