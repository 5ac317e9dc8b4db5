import type { Clock } from '../../../core/clock.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { ConsumerBook } from '../../exchange/account.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import type { Connection } from '../../connections/connection.ts'
import type { SendResult } from '../../connections/connection-parts.ts'
import type { Frame } from '../../connections/frame.ts'
import type { FrameFaults } from '../../connections/frame-faults.ts'
import type { ActiveRule } from '../active-rule.ts'
import type { DelayQueue, Wait } from '../../../core/delay-queue.ts'
import { ExchangeSubject, type RequestHead } from '../exchange-subject.ts'
import type { Faults } from '../faults.ts'
import type { Injection } from '../injection.ts'
import { stall, type StallListener } from '../request/stall.ts'
import type { FaultSubject } from '../subject.ts'
import { ConnectionDecisions } from './connection-decisions.ts'
import { DelayedFrame } from './delay.ts'
import { malformed } from './malformed.ts'
import { concerns, type Message, messageOfAnswer, messageOfEvent } from './message.ts'
import { LONGEST_WAIT_MS, type LateMessage, Reordering } from './reordering.ts'
import { type Treatment, treatmentOf, untreated } from './treatment.ts'

/** The parts that faults of streams and WebSockets are made of. */
export interface StreamFaultParts {
  faults: Faults
  clock: Clock
  delays: DelayQueue
  stallListener: StallListener
}

/** Whose connection it is. */
export interface Follower {
  exchange: Exchange
  head: RequestHead
  /** Its key if the client gives it none. */
  key: string
  book: ConsumerBook
  /** Memory of everything that waits for clients. */
  memory: MemoryTable
}

/** The faults of one open stream or WebSocket: of each of its messages, and of itself. */
export class ConnectionFaults implements FrameFaults {
  readonly all: Faults
  readonly #parts: StreamFaultParts
  readonly #follower: Follower
  #connection: Connection | undefined
  #rulesVersion = -1
  #messageRules: readonly ActiveRule[] = []
  #connectionRules: readonly ActiveRule[] = []
  // Made when they are needed: most connections never meet a rule.
  #madeSubject: FaultSubject | undefined
  #decisions: ConnectionDecisions | undefined
  #late: Reordering | undefined
  #wake: { dueAt: number; wait: Wait } | undefined
  #answers = 0
  #eventsWithoutPlace = 0

  constructor(parts: StreamFaultParts, follower: Follower) {
    this.all = parts.faults
    this.#parts = parts
    this.#follower = follower
  }

  /** Whether there is anything to review. */
  get on(): boolean {
    return this.all.on
  }

  get bytes(): number {
    return this.#late?.bytes ?? 0
  }

  /** All that is kept back carries an event. */
  get events(): number {
    return this.#late?.length ?? 0
  }

  /** No keep-alives, no pings, no pongs. */
  get isMuted(): boolean {
    if (!this.all.on || this.#decisions === undefined) return false
    return this.#decisions.isMutedAt(this.#parts.clock.now())
  }

  attach(connection: Connection): void {
    this.#connection = connection
  }

  /** Rules of the connection as a whole are asked now, if they were not before; one may end it here. */
  review(): void {
    this.#readRules()
    if (this.#connectionRules.length === 0) return
    this.#decisions ??= new ConnectionDecisions()
    const { clock, delays } = this.#parts
    this.#decisions.decide(this.#connectionRules, this.#subject, { clock, delays, connection: this.#line })
  }

  send(frame: Frame): SendResult {
    this.#readRules()
    if (this.#messageRules.length === 0 && this.events === 0) {
      this.#line.routesThroughFaults = false
      return this.#counted(this.#line.pass(frame))
    }
    const message = messageOfEvent(frame, this.#eventsWithoutPlace)
    if (message.sequence === undefined) this.#eventsWithoutPlace += 1
    const treatment = this.#treat(message)
    if (treatment.isLost) {
      this.#follower.book.dropped('injected', frame)
      return 'dropped'
    }
    const sent = treatment.isMalformed ? malformed(frame) : frame
    if (message.sequence === undefined) return this.#send(sent, treatment)
    if (treatment.distance > 0 && this.#line.roomBytes >= sent.bytes.length) {
      return this.#hold(sent, message.sequence, treatment)
    }
    const result = this.#send(sent, treatment)
    this.#late?.wentBy(message.sequence)
    // One by one: sending one may end the connection, and then the others are unsent.
    for (let late = this.#late?.takeDue(); late !== undefined; late = this.#late?.takeDue()) late.release(late)
    return result
  }

  answer(frame: Frame, said: object): void {
    this.#readRules()
    const message = messageOfAnswer(said, this.#answers++)
    if (message.kind === 'pong' && this.isMuted) return
    const treatment = this.#messageRules.length === 0 ? untreated : this.#treat(message)
    if (treatment.isLost) return
    const sent = treatment.isMalformed ? malformed(frame) : frame
    if (treatment.delays.length === 0) this.#line.passAnswer(sent)
    else this.#line.queueAnswer(new DelayedFrame(sent, treatment.delays, this.#parts.clock))
    this.#decisions?.sent()
  }

  frames(): Iterable<Frame> {
    return this.#late?.frames() ?? []
  }

  withdraw(isWanted: (frame: Frame) => boolean): Frame[] {
    return this.#late?.take(({ frame }) => isWanted(frame)).map(({ frame }) => frame) ?? []
  }

  wakeAt(dueAt: number): void {
    if (this.#wake?.dueAt === dueAt) return
    this.#wake?.wait.cancel()
    const wait = this.#parts.delays.at(dueAt, () => {
      this.#wake = undefined
      this.#line.flush()
    })
    this.#wake = { dueAt, wait }
  }

  end(): void {
    this.#wake?.wait.cancel()
    this.#decisions?.cancel()
    this.withdraw(() => true)
  }

  get #line(): Connection {
    return this.#connection as Connection
  }

  get #subject(): FaultSubject {
    const { exchange, head, key } = this.#follower
    return (this.#madeSubject ??= new ExchangeSubject(exchange, head, key, nobody))
  }

  #readRules(): void {
    const faults = this.all
    if (faults.version === this.#rulesVersion) return
    this.#rulesVersion = faults.version
    this.#messageRules = faults.rulesFor(this.#subject, 'message')
    this.#connectionRules = faults.rulesFor(this.#subject, 'connection')
    this.#decisions?.keep(this.#connectionRules)
  }

  #treat(message: Message): Treatment {
    const { clock, stallListener } = this.#parts
    const now = clock.now()
    const { key, faults } = this.#subject
    let plan: Injection[] | undefined
    for (const rule of this.#messageRules) {
      if (!concerns(rule.fault.type, message) || !rule.actsAt(now)) continue
      if (!rule.matcher.matchesChannel(message.channel)) continue
      const injection = rule.inject(faults, key, ...message.identity)
      if (injection !== undefined) (plan ??= []).push(injection)
    }
    if (plan === undefined) return untreated
    const treatment = treatmentOf(plan)
    for (const injection of treatment.stalls) stall(injection, clock, stallListener)
    return treatment
  }

  #send(frame: Frame, { copies, delays }: Treatment): SendResult {
    const result =
      delays.length === 0
        ? this.#line.pass(frame)
        : this.#line.queue(new DelayedFrame(frame, delays, this.#parts.clock))
    if (result === 'closed') return result
    for (let copy = 0; copy < copies; copy += 1) {
      this.#follower.book.injected('duplicated', frame)
      if (this.#line.pass(frame) === 'closed') return 'closed'
    }
    return this.#counted(result)
  }

  #hold(frame: Frame, sequence: string, treatment: Treatment): SendResult {
    const release = ({ passed }: LateMessage) => {
      if (passed > 0) this.#follower.book.injected('reordered', frame)
      this.#send(frame, treatment)
    }
    const late: LateMessage = { frame, sequence, distance: treatment.distance, passed: 0, wait: undefined, release }
    this.#late ??= new Reordering(this.#follower.memory)
    this.#late.hold(late)
    this.#line.routesThroughFaults = true
    const { clock, delays } = this.#parts
    late.wait = delays.at(clock.now() + LONGEST_WAIT_MS, () => {
      for (const { release } of this.#late?.take(other => other === late) ?? []) release(late)
    })
    return 'queued'
  }

  #counted(result: SendResult): SendResult {
    if (result === 'sent' || result === 'queued') this.#decisions?.sent()
    return result
  }
}

/** Used for followers, which have been admitted already. */
function nobody(): undefined {
  return undefined
}
