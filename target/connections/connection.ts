import type { CloseReason } from '../../contract/streams.ts'
import type { Batch } from './batch.ts'
import type { LiveFaults, ConnectionOptions, SendResult } from './connection-options.ts'
import type { Frame } from './frame.ts'
import { writeTo } from '../../core/direct-write.ts'
import { HeldWrite } from './held-write.ts'
import { Outbox } from './outbox.ts'
import { listenTo, type Wire } from './wire.ts'

/** Bytes of waiting answers beyond which the client's input is paused. */
const MOST_ANSWER_BYTES = 65_536

const noFaults = { on: false }

/** Option of `enqueue`: sends the frame as it is. */
export const withoutFaults = { skipsFaults: true } as const

/**
 * Sends frames to one client over any wire. Every event frame offered is counted once: delivered, dropped, or unsent at
 * the close. The socket's own queue is kept short, so that waiting frames are references to shared ones.
 */
export class Connection {
  /** Called for more frames when the kernel has taken all earlier ones: a replay is pulled and needs no buffer. */
  refill: (() => void) | undefined
  /** Whether events still pass through the faults after the last rule was removed, because some are held back. */
  viaFaults = false
  /** Called once when the client has read enough for its input to be resumed. */
  onDrain: (() => void) | undefined
  readonly #options: ConnectionOptions
  // Fields of the options that every frame needs. With many connections each further object is a wait for memory.
  readonly #flusher: ConnectionOptions['flusher']
  readonly #budget: ConnectionOptions['budget']
  readonly #consumer: ConnectionOptions['consumer']
  readonly #wire: Wire
  readonly #socket: Wire['socket']
  readonly #outbox: Outbox
  readonly #faults: LiveFaults | undefined
  readonly #allFaults: LiveFaults['all']
  /** The batch to write at the end of this turn. While frames wait in the outbox, new ones wait behind them. */
  #due: Batch | undefined
  /** Bytes that the socket still held when it was last asked. */
  #heldBytes = 0
  readonly #heldWrite: HeldWrite
  readonly #highWaterMark: number
  #flushing = false
  #closed = false
  #payloadBytes = 0
  #wroteAt: number

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#flusher = options.flusher
    this.#budget = options.budget
    this.#consumer = options.consumer
    this.#wire = options.wire
    this.#socket = options.wire.socket
    this.#outbox = new Outbox(options.memory, (policy, frame) => options.consumer.dropped(policy, frame))
    this.#faults = options.faults
    this.#allFaults = options.faults?.all ?? noFaults
    this.#faults?.attach(this)
    this.#wroteAt = options.flusher.turnAt
    const { socket } = options.wire
    this.#highWaterMark = socket.writableHighWaterMark
    this.#heldWrite = new HeldWrite(socket, options.memory)
    listenTo(socket, this)
  }

  get isOpen(): boolean {
    return !this.#closed
  }

  /** Bytes that wait for this client, here and in its socket. */
  get bufferedBytes(): number {
    if (this.#closed) return 0
    const waitingBytes = this.#outbox.bytes + (this.#due?.bytes ?? 0) + (this.#faults?.bytes ?? 0)
    return waitingBytes + this.#socket.writableLength
  }

  /** Bytes that may still be added before the budget is spent. */
  get roomBytes(): number {
    return Math.max(0, this.#budget().budgetBytes - this.bufferedBytes)
  }

  /** Payload bytes written so far, without the framing of the wire. */
  get payloadBytes(): number {
    return this.#payloadBytes
  }

  /** Whether so many answers wait that the client's input should be paused: answers are never dropped. */
  get owesAnswers(): boolean {
    return this.#outbox.answerBytes >= MOST_ANSWER_BYTES
  }

  /** Whether a fault suppresses heartbeats to this client now. */
  get isMuted(): boolean {
    return this.#faults?.isMuted ?? false
  }

  /** Time of the last write, by the monotonic clock. */
  get wroteAt(): number {
    return this.#wroteAt
  }

  /**
   * Sends a frame or queues it. An event that does not fit meets the slow-consumer policy. An answer is never dropped. A
   * control frame never waits: it is dropped if the client is behind.
   */
  enqueue(frame: Frame, options?: typeof withoutFaults): SendResult {
    if (this.#closed) return 'closed'
    const { kind } = frame.about
    if (kind === 'control') return this.#sendNow(frame)
    if (options === undefined && (this.#allFaults.on || (this.viaFaults && kind === 'event'))) {
      return (this.#faults as LiveFaults).enqueue(frame)
    }
    return kind === 'event' ? this.#enqueueEvent(frame) : this.#enqueueAnswer(frame)
  }

  #enqueueEvent(frame: Frame): SendResult {
    const budget = this.#budget()
    const handedBytes = this.#handedBytes
    const fits = handedBytes === 0 || handedBytes + frame.bytes.length <= budget.budgetBytes
    if (fits && frame.held === undefined && this.#appendToDue(frame, handedBytes)) return 'sent'
    const admission = this.#outbox.offer(frame, handedBytes, this.#flusher.turnAt, budget)
    if (admission === 'dropped') return 'dropped'
    if (admission === 'overflow') return this.#closeSlow()
    return this.#flushSoon()
  }

  #enqueueAnswer(frame: Frame): SendResult {
    if (frame.held === undefined && this.#appendToDue(frame, this.#handedBytes)) return 'sent'
    // Answers are never dropped, so a client that does not read them is disconnected when memory is spent.
    if (!this.#outbox.hasMemoryFor(frame)) return this.#closeSlow()
    this.#outbox.push(frame, this.#flusher.turnAt)
    return this.#flushSoon()
  }

  #sendNow(frame: Frame): SendResult {
    if (this.#due !== undefined || this.#outbox.length > 0 || this.#isBlocked) return 'dropped'
    this.#write(this.#flusher.begin(frame))
    return 'sent'
  }

  #closeSlow(): SendResult {
    this.close('slow_consumer')
    return 'closed'
  }

  #flushSoon(): SendResult {
    if (this.#isBlocked) return 'queued'
    this.#scheduleFlush()
    return 'sent'
  }

  /** Calls `refill` at the end of this turn, and whenever the kernel has taken all frames. */
  pull(refill: () => void): void {
    if (this.#closed) return
    this.refill = refill
    this.#scheduleFlush()
    // Earlier writes had no callback.
    if (this.#handedBytes > 0) this.#socket.write('', () => this.#askRefill())
  }

  /** Yields the frames that were not handed to the socket, oldest first. */
  *waiting(): Generator<Frame, void, undefined> {
    if (this.#due !== undefined) yield* this.#due.frames()
    yield* this.#outbox.frames()
    if (this.#faults !== undefined) yield* this.#faults.frames()
  }

  /** Takes waiting frames back for another connection. What the socket takes at once is handed over first. */
  withdraw(isWanted: (frame: Frame) => boolean): Frame[] {
    if (!this.#closed) this.#writeWaiting()
    const due = this.#due?.frames().filter(isWanted) ?? []
    return [...due, ...this.#outbox.withdraw(isWanted), ...(this.#faults?.withdraw(isWanted) ?? [])]
  }

  flush(): void {
    this.#flushing = false
    this.#writeWaiting()
    this.#reportDrain()
    if (this.#closed || this.#outbox.length > 0 || this.#isBlocked) return
    this.#reportGap()
    this.refill?.()
  }

  /** Applies the age budget, reports drops to a client that gets no further frames, and closes if the client is gone. */
  checkDeadlines(now: number): void {
    if (this.#closed) return
    this.#heldWrite.review()
    if (!this.#wire.isOpen) this.close('client')
    else if (this.#outbox.expire(now, this.#budget())) this.#reportGap()
    else this.close('slow_consumer')
  }

  /** @param goodbye replaces the default ending of the wire */
  close(reason: CloseReason, goodbye = (wire: Wire) => wire.end(reason)): void {
    if (this.#closed) return
    // The client still gets what its socket takes at once, unless it left or does not read.
    if (reason !== 'client' && reason !== 'slow_consumer' && this.#wire.isOpen) this.#writeWaiting()
    if (this.#closed) return
    this.#closed = true
    this.refill = undefined
    this.onDrain = undefined
    const { onClosed } = this.#options
    this.#consumer.closed(reason, this.#outbox.events + (this.#due?.events ?? 0) + (this.#faults?.events ?? 0))
    if (!this.#socket.destroyed) goodbye(this.#wire)
    this.#heldWrite.destroyUnlessTaken(this.#options.clock)
    // It may still read the unsent frames from `waiting`.
    onClosed()
    this.#due = undefined
    this.#outbox.take(Number.POSITIVE_INFINITY)
    this.#faults?.end()
  }

  get #isBlocked(): boolean {
    const socket = this.#socket
    return socket.writableLength >= socket.writableHighWaterMark
  }

  /** Bytes that the socket holds, or will hold at the end of this turn. An empty socket is not asked again. */
  get #handedBytes(): number {
    if (this.#heldBytes > 0) {
      this.#heldBytes = this.#socket.writableLength
      this.#heldWrite.review()
    }
    return this.#heldBytes + (this.#due?.bytes ?? 0)
  }

  /** Adds a frame to this turn's write if nothing waits before it and the socket has room. */
  #appendToDue(frame: Frame, handedBytes: number): boolean {
    if (this.#outbox.length > 0 || handedBytes >= this.#highWaterMark) return false
    this.#due = this.#due === undefined ? this.#flusher.begin(frame) : this.#due.with(frame)
    this.#scheduleFlush()
    return true
  }

  #scheduleFlush(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#flusher.add(this)
  }

  /** Writes while the socket is below its high-water mark. Above it, the socket will emit `drain`, which calls this again. */
  #writeWaiting(): void {
    const socket = this.#socket
    if (!this.#wire.isOpen) return this.close('client')
    if (this.#due !== undefined) this.#deliver(this.#due)
    while (!this.#closed && this.#outbox.length > 0 && !this.#isBlocked) {
      const roomBytes = socket.writableHighWaterMark - socket.writableLength
      const [first, ...others] = this.#outbox.take(roomBytes, this.#options.clock.now())
      if (first === undefined) return this.#faults?.wakeAt(this.#outbox.heldUntil as number)
      let batch = this.#flusher.begin(released(first))
      for (const frame of others) batch = batch.with(released(frame))
      this.#deliver(batch)
    }
  }

  #deliver(batch: Batch): void {
    this.#due = undefined
    if (batch.events > 0) this.#consumer.delivered(batch)
    this.#write(batch)
  }

  #reportDrain(): void {
    const { onDrain } = this
    if (onDrain === undefined || this.owesAnswers) return
    this.onDrain = undefined
    onDrain()
  }

  #askRefill(): void {
    if (this.refill !== undefined) this.#scheduleFlush()
  }

  /** Reports a gap once the kernel has taken everything that was sent. */
  #reportGap(): void {
    if (this.#outbox.length > 0 || this.#handedBytes > 0 || !this.#budget().notify) return
    const gap = this.#outbox.takeGap()
    if (gap !== undefined) this.#write(this.#flusher.begin(this.#options.lagged(gap)))
  }

  #write(batch: Batch): void {
    const socket = this.#socket
    const bytes = batch.joined(this.#wire)
    if (this.refill === undefined) writeTo(socket, bytes)
    else socket.write(bytes, () => this.#askRefill())
    this.#heldBytes = socket.writableLength
    if (this.#heldBytes > 0) this.#heldWrite.hold(batch)
    this.#wroteAt = this.#flusher.turnAt
    this.#payloadBytes += batch.payloadBytes
    if (this.#isBlocked && !this.#options.memory.hasRoom(0)) this.close('slow_consumer')
  }
}

function released(frame: Frame): Frame {
  return frame.held?.release() ?? frame
}
