import type { Clock } from '../../../core/clock.ts'
import { type Connection, withoutFaults } from '../../connections/connection.ts'
import type { LiveFaults, SendResult } from '../../connections/connection-options.ts'
import type { AnswerAbout, EventAbout, Frame } from '../../connections/frame.ts'
import type { ActiveRule } from '../active-rule.ts'
import type { DelayQueue, Wait } from '../../../core/delay-queue.ts'
import type { FaultedClient } from '../../connections/pool.ts'
import { ExchangeSubject, type FaultSubject } from '../subject.ts'
import type { Faults } from '../faults.ts'
import type { Injection } from '../injection.ts'
import type { StallListener } from '../request/faulted-exchange.ts'
import { ConnectionDecisions } from './connection-decisions.ts'
import { DelayedFrame } from './delay.ts'
import { type Message, messageOf } from './message.ts'
import type { Treatment } from './message-fault.ts'
import { concerns, treatmentOf, untreated } from './message-faults.ts'
import { LONGEST_WAIT_MS, type LateMessage, Reordering } from './reorder.ts'

/** Dependencies of the faults of streams and WebSockets. */
export interface LiveFaultDependencies {
  faults: Faults
  clock: Clock
  delays: DelayQueue
  stallListener: StallListener
}

/** The faults of an open stream or WebSocket and of its messages. */
export class ConnectionFaults implements LiveFaults {
  readonly all: Faults
  readonly #dependencies: LiveFaultDependencies
  readonly #client: FaultedClient
  #connection: Connection | undefined
  #rulesVersion = -1
  #messageRules: readonly ActiveRule[] = []
  #connectionRules: readonly ActiveRule[] = []
  // Created on demand, because most connections never meet a rule.
  #madeSubject: FaultSubject | undefined
  #decisions: ConnectionDecisions | undefined
  #late: Reordering | undefined
  #wake: { dueAt: number; wait: Wait } | undefined
  #answers = 0
  #eventsWithoutPlace = 0

  constructor(dependencies: LiveFaultDependencies, client: FaultedClient) {
    this.all = dependencies.faults
    this.#dependencies = dependencies
    this.#client = client
  }

  get bytes(): number {
    return this.#late?.bytes ?? 0
  }

  /** Number of events held back. */
  get events(): number {
    return this.#late?.length ?? 0
  }

  /** Whether keep-alives, pings and pongs are suppressed. */
  get isMuted(): boolean {
    if (!this.all.on || this.#decisions === undefined) return false
    return this.#decisions.isMutedAt(this.#dependencies.clock.now())
  }

  attach(connection: Connection): void {
    this.#connection = connection
  }

  /** Decides by the rules that have not decided about the connection yet. One of them may end the connection. */
  review(): void {
    this.#readRules()
    if (this.#connectionRules.length === 0) return
    this.#decisions ??= new ConnectionDecisions()
    const { clock, delays } = this.#dependencies
    this.#decisions.decide(this.#connectionRules, this.#subject, {
      clock,
      delays,
      connection: this.#line,
      exchange: this.#client.exchange,
    })
  }

  enqueue(frame: Frame): SendResult {
    this.#readRules()
    const { about } = frame
    return about.kind === 'answer' ? this.#enqueueAnswer(frame, about) : this.#enqueueEvent(frame, about as EventAbout)
  }

  #enqueueEvent(frame: Frame, about: EventAbout): SendResult {
    if (this.#messageRules.length === 0 && this.events === 0) {
      this.#line.viaFaults = false
      return this.#counted(this.#pass(frame))
    }
    const message = messageOf(about, this.#eventsWithoutPlace)
    if (message.sequence === undefined) this.#eventsWithoutPlace += 1
    const treatment = this.#treat(message)
    if (treatment.isLost) {
      this.#client.consumer.dropped('injected', frame)
      return 'dropped'
    }
    const sent = treatment.change === undefined ? frame : treatment.change(frame)
    if (message.sequence === undefined) return this.#send(sent, treatment)
    if (treatment.distance > 0 && this.#line.roomBytes >= sent.bytes.length) {
      return this.#hold(sent, message.sequence, treatment)
    }
    const result = this.#send(sent, treatment)
    this.#late?.wentBy(message.sequence)
    // Taken one by one, because sending one may end the connection and leave the others unsent.
    for (let late = this.#late?.takeDue(); late !== undefined; late = this.#late?.takeDue()) late.release(late)
    return result
  }

  #enqueueAnswer(frame: Frame, about: AnswerAbout): SendResult {
    const message = messageOf(about, this.#answers++)
    if (message.kind === 'pong' && this.isMuted) return 'dropped'
    const treatment = this.#messageRules.length === 0 ? untreated : this.#treat(message)
    if (treatment.isLost) return 'dropped'
    const sent = treatment.change === undefined ? frame : treatment.change(frame)
    const result = this.#pass(this.#delayed(sent, treatment.delays))
    this.#decisions?.sent()
    return result
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
    const wait = this.#dependencies.delays.at(dueAt, () => {
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
    const { exchange, head, key } = this.#client
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
    const now = this.#dependencies.clock.now()
    const { key, faults } = this.#subject
    let plan: Injection[] | undefined
    for (const rule of this.#messageRules) {
      if (!concerns(rule.fault.type, message) || !rule.actsAt(now)) continue
      if (!rule.matcher.matchesChannel(message.channel)) continue
      const injection = rule.inject(faults, key, ...message.identity)
      if (injection !== undefined) (plan ??= []).push(injection)
    }
    return plan === undefined ? untreated : treatmentOf(plan, this.#dependencies)
  }

  #send(frame: Frame, { copies, delays }: Treatment): SendResult {
    const result = this.#pass(this.#delayed(frame, delays))
    if (result === 'closed') return result
    for (let copy = 0; copy < copies; copy += 1) {
      this.#client.consumer.injected('duplicated', frame)
      if (this.#pass(frame) === 'closed') return 'closed'
    }
    return this.#counted(result)
  }

  #hold(frame: Frame, sequence: string, treatment: Treatment): SendResult {
    const release = ({ passed }: LateMessage) => {
      if (passed > 0) this.#client.consumer.injected('reordered', frame)
      this.#send(frame, treatment)
    }
    const late: LateMessage = { frame, sequence, distance: treatment.distance, passed: 0, wait: undefined, release }
    this.#late ??= new Reordering(this.#client.memory)
    this.#late.hold(late)
    this.#line.viaFaults = true
    const { clock, delays } = this.#dependencies
    late.wait = delays.at(clock.now() + LONGEST_WAIT_MS, () => {
      for (const { release } of this.#late?.take(other => other === late) ?? []) release(late)
    })
    return 'queued'
  }

  #delayed(frame: Frame, delays: Treatment['delays']): Frame {
    return delays.length === 0 ? frame : new DelayedFrame(frame, delays, this.#dependencies.clock)
  }

  #pass(frame: Frame): SendResult {
    return this.#line.enqueue(frame, withoutFaults)
  }

  #counted(result: SendResult): SendResult {
    if (result === 'sent' || result === 'queued') this.#decisions?.sent()
    return result
  }
}

/** Recognizes nobody: the clients of open connections have been admitted already. */
function nobody(): undefined {
  return undefined
}
