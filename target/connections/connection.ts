import type { CloseReason } from '../../contract/streams.ts'
import type { LiveFaults, ConnectionOptions, SendResult } from './connection-options.ts'
import { ConnectionWriter } from './connection-writer.ts'
import type { Frame } from './frame.ts'
import { Outbox } from './outbox.ts'
import { listenTo, type Wire } from './wire.ts'

/** Bytes of waiting answers beyond which the client's input is paused. */
const MOST_ANSWER_BYTES = 65_536

/** Option of `enqueue`: sends the frame as it is. */
export const withoutFaults = { skipsFaults: true } as const

/**
 * Sends frames to one client over any wire. Every event frame offered is counted once: delivered, dropped, or unsent at
 * the close. The socket's own queue is kept short, so that waiting frames are references to shared ones.
 */
export class Connection extends ConnectionWriter {
  /** Whether events still pass through the faults after the last rule was removed, because some are held back. */
  viaFaults = false
  /** Called once when the client has read enough for its input to be resumed. */
  onDrain: (() => void) | undefined
  readonly #options: ConnectionOptions
  readonly #outbox: Outbox
  readonly #faults: LiveFaults | undefined
  #closed = false

  constructor(options: ConnectionOptions) {
    super(options)
    this.#options = options
    this.#outbox = new Outbox(options.memory, (policy, frame) => options.consumer.dropped(policy, frame))
    this.#faults = options.faults
    this.#faults?.attach(this)
    listenTo(this.socket, this)
  }

  get isOpen(): boolean {
    return !this.#closed
  }

  /** Bytes that wait for this client, here and in its socket. */
  get bufferedBytes(): number {
    if (this.#closed) return 0
    const waitingBytes = this.#outbox.bytes + (this.dueOrNoted?.bytes ?? 0) + (this.#faults?.bytes ?? 0)
    return waitingBytes + this.socket.writableLength
  }

  /** Bytes that may still be added before the budget is spent. */
  get roomBytes(): number {
    return Math.max(0, this.budget().budgetBytes - this.bufferedBytes)
  }

  /** Whether so many answers wait that the client's input should be paused: answers are never dropped. */
  get owesAnswers(): boolean {
    return this.#outbox.answerBytes >= MOST_ANSWER_BYTES
  }

  /** Whether a fault suppresses heartbeats to this client now. */
  get isMuted(): boolean {
    return this.#faults?.isMuted ?? false
  }

  /**
   * Sends a frame or queues it. An event that does not fit meets the slow-consumer policy. An answer is never dropped. A
   * control frame never waits: it is dropped if the client is behind.
   */
  enqueue(frame: Frame, options?: typeof withoutFaults): SendResult {
    if (this.#closed) return 'closed'
    this.standUp()
    const { kind } = frame.about
    if (kind === 'control') return this.#sendNow(frame)
    if (options === undefined && (this.allFaults.on || (this.viaFaults && kind === 'event'))) {
      return (this.#faults as LiveFaults).enqueue(frame)
    }
    return kind === 'event' ? this.#enqueueEvent(frame) : this.#enqueueAnswer(frame)
  }

  #enqueueEvent(frame: Frame): SendResult {
    const budget = this.budget()
    const handedBytes = this.handedBytes
    const fits = handedBytes === 0 || handedBytes + frame.bytes.length <= budget.budgetBytes
    if (fits && frame.held === undefined && this.#appendToDue(frame, handedBytes)) return 'sent'
    const admission = this.#outbox.offer(frame, handedBytes, this.flusher.turnAt, budget)
    if (admission === 'dropped') return 'dropped'
    if (admission === 'overflow') return this.#closeSlow()
    return this.#flushSoon()
  }

  #enqueueAnswer(frame: Frame): SendResult {
    if (frame.held === undefined && this.#appendToDue(frame, this.handedBytes)) return 'sent'
    // Answers are never dropped, so a client that does not read them is disconnected when memory is spent.
    if (!this.#outbox.hasMemoryFor(frame)) return this.#closeSlow()
    this.#outbox.push(frame, this.flusher.turnAt)
    return this.#flushSoon()
  }

  #sendNow(frame: Frame): SendResult {
    if (this.due !== undefined || this.#outbox.length > 0 || this.isBlocked) return 'dropped'
    this.write(this.flusher.begin(frame))
    return 'sent'
  }

  #closeSlow(): SendResult {
    this.close('slow_consumer')
    return 'closed'
  }

  #flushSoon(): SendResult {
    if (this.isBlocked) return 'queued'
    this.scheduleFlush()
    return 'sent'
  }

  /** Calls `refill` at the end of this turn, and whenever the kernel has taken all frames. */
  pull(refill: () => void): void {
    if (this.#closed) return
    this.standUp()
    this.refill = refill
    this.scheduleFlush()
    // Earlier writes had no callback.
    if (this.handedBytes > 0) this.socket.write('', () => this.askRefill())
  }

  /** Yields the frames that were not handed to the socket, oldest first. */
  *waiting(): Generator<Frame, void, undefined> {
    const due = this.dueOrNoted
    if (due !== undefined) yield* due.frames()
    yield* this.#outbox.frames()
    if (this.#faults !== undefined) yield* this.#faults.frames()
  }

  /** Takes waiting frames back for another connection. What the socket takes at once is handed over first. */
  withdraw(isWanted: (frame: Frame) => boolean): Frame[] {
    this.standUp()
    if (!this.#closed) this.#writeWaiting()
    const due = this.due?.frames().filter(isWanted) ?? []
    return [...due, ...this.#outbox.withdraw(isWanted), ...(this.#faults?.withdraw(isWanted) ?? [])]
  }

  flush(): void {
    this.isFlushing = false
    this.standUp()
    this.#writeWaiting()
    this.#reportDrain()
    if (this.#closed || this.#outbox.length > 0 || this.isBlocked) return
    this.#reportGap()
    this.refill?.()
    if (this.audience !== undefined && this.#isIdle) this.audience.seat(this)
  }

  /** Whether the next event goes to the socket as it is. */
  get #isIdle(): boolean {
    if (this.allFaults.on || this.viaFaults || this.#closed) return false
    if (this.refill !== undefined || this.onDrain !== undefined) return false
    return this.#outbox.isClear && this.handedBytes === 0
  }

  /** Applies the age budget, reports drops to a client that gets no further frames, and closes if the client is gone. */
  checkDeadlines(now: number): void {
    if (this.#closed) return
    this.heldWrite.review()
    if (!this.wire.isOpen) this.close('client')
    else if (this.#outbox.expire(now, this.budget())) this.#reportGap()
    else this.close('slow_consumer')
  }

  /** @param goodbye replaces the default ending of the wire */
  close(reason: CloseReason, goodbye = (wire: Wire) => wire.end(reason)): void {
    if (this.#closed) return
    this.standUp()
    // The client still gets what its socket takes at once, unless it left or does not read.
    if (reason !== 'client' && reason !== 'slow_consumer' && this.wire.isOpen) this.#writeWaiting()
    if (this.#closed) return
    this.#closed = true
    this.refill = undefined
    this.onDrain = undefined
    const { onClosed } = this.#options
    this.consumer.closed(reason, this.#outbox.events + (this.due?.events ?? 0) + (this.#faults?.events ?? 0))
    if (!this.socket.destroyed) goodbye(this.wire)
    this.heldWrite.destroyUnlessTaken(this.#options.clock)
    // It may still read the unsent frames from `waiting`.
    onClosed()
    this.due = undefined
    this.#outbox.take(Number.POSITIVE_INFINITY)
    this.#faults?.end()
  }

  /** Adds a frame to this turn's write if nothing waits before it and the socket has room. */
  #appendToDue(frame: Frame, handedBytes: number): boolean {
    if (this.#outbox.length > 0 || handedBytes >= this.highWaterMark) return false
    this.due = this.due === undefined ? this.flusher.begin(frame) : this.due.with(frame)
    this.scheduleFlush()
    return true
  }

  /** Writes while the socket is below its high-water mark. Above it, the socket will emit `drain`, which calls this again. */
  #writeWaiting(): void {
    const socket = this.socket
    if (!this.wire.isOpen) return this.close('client')
    if (this.due !== undefined) this.deliver(this.due)
    while (!this.#closed && this.#outbox.length > 0 && !this.isBlocked) {
      const roomBytes = socket.writableHighWaterMark - socket.writableLength
      const [first, ...others] = this.#outbox.take(roomBytes, this.#options.clock.now())
      if (first === undefined) return this.#faults?.wakeAt(this.#outbox.heldUntil as number)
      let batch = this.flusher.begin(released(first))
      for (const frame of others) batch = batch.with(released(frame))
      this.deliver(batch)
    }
  }

  #reportDrain(): void {
    const { onDrain } = this
    if (onDrain === undefined || this.owesAnswers) return
    this.onDrain = undefined
    onDrain()
  }

  /** Reports a gap once the kernel has taken everything that was sent. */
  #reportGap(): void {
    if (this.#outbox.length > 0 || this.handedBytes > 0 || !this.budget().notify) return
    const gap = this.#outbox.takeGap()
    if (gap !== undefined) this.write(this.flusher.begin(this.#options.lagged(gap)))
  }
}

function released(frame: Frame): Frame {
  return frame.held?.release() ?? frame
}
