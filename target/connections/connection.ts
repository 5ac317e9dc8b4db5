import type { CloseReason } from '../../contract/streams.ts'
import type { Batch } from './batch.ts'
import type { ConnectionParts, SendResult } from './connection-parts.ts'
import type { Flushable } from './flusher.ts'
import type { Frame } from './frame.ts'
import type { FrameFaults } from './frame-faults.ts'
import { HeldWrite } from './held-write.ts'
import { Outbox } from './outbox.ts'
import { listenTo } from './socket-listeners.ts'
import type { Wire } from './wire.ts'

/** Bytes of waiting answers beyond which the client's input is paused. */
const MOST_ANSWER_BYTES = 65_536

const noFaults = { on: false }

/**
 * Sends frames to one client over any wire. Every event frame offered is counted once: delivered, dropped, or unsent at
 * the close. The socket's own queue is kept short, so that waiting frames are references to shared ones.
 */
export class Connection implements Flushable {
  /** Called for more frames when everything sent is on its way: a replay is pulled, so it needs no buffer. */
  refill: (() => void) | undefined
  /** Whether events pass through the faults although there are none any longer: they still hold some back. */
  routesThroughFaults = false
  /** Called once when the client has read enough for its input to be resumed. */
  onCaughtUp: (() => void) | undefined
  readonly #parts: ConnectionParts
  readonly #wire: Wire
  readonly #outbox: Outbox
  readonly #faults: FrameFaults | undefined
  readonly #allFaults: FrameFaults['all']
  /** The batch to write at the end of this turn. While frames wait in the outbox, new ones wait behind them. */
  #due: Batch | undefined
  /** Bytes of the last write that the socket still held. */
  #heldBytes = 0
  readonly #heldWrite: HeldWrite
  readonly #highWaterMark: number
  #flushing = false
  #closed = false
  #payloadBytes = 0
  #wroteAt: number

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    this.#wire = parts.wire
    this.#outbox = new Outbox(parts.memory, (policy, frame) => parts.consumer.dropped(policy, frame))
    this.#faults = parts.faults
    this.#allFaults = parts.faults?.all ?? noFaults
    this.#faults?.attach(this)
    this.#wroteAt = parts.flusher.turnAt
    const { socket } = parts.wire
    this.#highWaterMark = socket.writableHighWaterMark
    this.#heldWrite = new HeldWrite(socket, parts.memory)
    listenTo(socket, this)
  }

  get isOpen(): boolean {
    return !this.#closed
  }

  /** Bytes that wait for this client, here and in its socket. */
  get bufferedBytes(): number {
    if (this.#closed) return 0
    const waitingBytes = this.#outbox.bytes + (this.#due?.bytes ?? 0) + (this.#faults?.bytes ?? 0)
    return waitingBytes + this.#wire.socket.writableLength
  }

  /** Bytes that may still be added before the budget is spent. */
  get roomBytes(): number {
    return Math.max(0, this.#parts.budget().budgetBytes - this.bufferedBytes)
  }

  /** Payload bytes given to the socket in all, without the framing of the wire. */
  get payloadBytes(): number {
    return this.#payloadBytes
  }

  /** Whether so many answers wait that the client's input should be paused: answers are never dropped. */
  get owesAnswers(): boolean {
    return this.#outbox.answerBytes >= MOST_ANSWER_BYTES
  }

  /** When anything was last given to the socket, by the monotonic clock. */
  get wroteAt(): number {
    return this.#wroteAt
  }

  send(frame: Frame): SendResult {
    if (this.#closed) return 'closed'
    return this.#allFaults.on || this.routesThroughFaults ? (this.#faults as FrameFaults).send(frame) : this.pass(frame)
  }

  /** Sends a frame unchanged, bypassing faults. */
  pass(frame: Frame): SendResult {
    if (this.#closed) return 'closed'
    const { budgetBytes } = this.#parts.budget()
    const handedBytes = this.#handedBytes
    const fits = handedBytes === 0 || handedBytes + frame.bytes.length <= budgetBytes
    return fits && this.#handOn(frame, handedBytes) ? 'sent' : this.queue(frame)
  }

  /** Queues a frame that may be held back; it counts against the budget meanwhile. */
  queue(frame: Frame): SendResult {
    if (this.#closed) return 'closed'
    const budget = this.#parts.budget()
    const handedBytes = this.#handedBytes
    const admission = this.#outbox.offer(frame, handedBytes, this.#parts.flusher.turnAt, budget)
    if (admission === 'dropped') return 'dropped'
    if (admission === 'overflow') {
      this.close('slow_consumer')
      return 'closed'
    }
    if (this.#isBlocked) return 'queued'
    this.#scheduleFlush()
    return 'sent'
  }

  /** Sends a frame about the stream itself. It never waits: returns false, without sending it, if the client is behind. */
  notify(frame: Frame): boolean {
    if (this.#closed || this.#due !== undefined || this.#outbox.length > 0 || this.#isBlocked) return false
    this.#write(this.#parts.flusher.begin(frame))
    return true
  }

  /**
   * Sends an answer to a request of the client. It waits its turn, is not an event, and is never dropped.
   * @param said object that the frame was made from
   */
  answer(frame: Frame, said: object): void {
    if (this.#closed) return
    if (this.#allFaults.on) this.#faults?.answer(frame, said)
    else this.passAnswer(frame)
  }

  /** Sends a frame unchanged, bypassing faults. */
  passAnswer(frame: Frame): void {
    if (!this.#closed && !this.#handOn(frame, this.#handedBytes)) this.queueAnswer(frame)
  }

  /** Queues a frame that may be held back. */
  queueAnswer(frame: Frame): void {
    if (this.#closed) return
    // Answers are never dropped, so a client that lets them pile up must leave when memory is spent.
    if (!this.#outbox.hasMemoryFor(frame)) return this.close('slow_consumer')
    this.#outbox.push(frame, this.#parts.flusher.turnAt)
    if (!this.#isBlocked) this.#scheduleFlush()
  }

  /** Calls `refill` at the end of this turn, and whenever everything sent is on its way. */
  pull(refill: () => void): void {
    if (this.#closed) return
    this.refill = refill
    this.#scheduleFlush()
    // Earlier writes were made without a callback.
    if (this.#handedBytes > 0) this.#wire.socket.write('', () => this.#askRefill())
  }

  /** Yields the frames that were not handed to the socket, oldest first. */
  *waiting(): Generator<Frame, void, undefined> {
    if (this.#due !== undefined) yield* this.#due.frames()
    yield* this.#outbox.frames()
    if (this.#faults !== undefined) yield* this.#faults.frames()
  }

  /** Takes waiting frames back for another connection. What the socket takes at once is handed over first. */
  withdraw(isWanted: (frame: Frame) => boolean): Frame[] {
    if (!this.#closed) this.#handOver()
    const due = this.#due?.frames().filter(isWanted) ?? []
    return [...due, ...this.#outbox.withdraw(isWanted), ...(this.#faults?.withdraw(isWanted) ?? [])]
  }

  flush(): void {
    this.#flushing = false
    this.#handOver()
    this.#reportCaughtUp()
    if (this.#closed || this.#outbox.length > 0 || this.#isBlocked) return
    this.#tellGap()
    this.refill?.()
  }

  /** Does what time makes due: applies the age budget, reports drops to a client without further frames, closes. */
  maintain(now: number): void {
    if (this.#closed) return
    this.#heldWrite.review()
    if (!this.#wire.isOpen) this.close('client')
    else if (this.#outbox.expire(now, this.#parts.budget())) this.#tellGap()
    else this.close('slow_consumer')
  }

  /** @param goodbye replaces the default ending of the wire */
  close(reason: CloseReason, goodbye = (wire: Wire) => wire.end(reason)): void {
    if (this.#closed) return
    // A client that is sent away gets what its socket takes at once; one that left or does not read does not.
    if (reason !== 'client' && reason !== 'slow_consumer' && this.#wire.isOpen) this.#handOver()
    if (this.#closed) return
    this.#closed = true
    this.refill = undefined
    this.onCaughtUp = undefined
    const { consumer, onClosed } = this.#parts
    consumer.closed(reason, this.#outbox.events + (this.#due?.events ?? 0) + (this.#faults?.events ?? 0))
    if (!this.#wire.socket.destroyed) goodbye(this.#wire)
    this.#heldWrite.destroyUnlessTaken(this.#parts.clock)
    // Until then `waiting` returns the unsent frames.
    onClosed()
    this.#due = undefined
    this.#outbox.take(Number.POSITIVE_INFINITY)
    this.#faults?.end()
  }

  get #isBlocked(): boolean {
    const { socket } = this.#wire
    return socket.writableLength >= socket.writableHighWaterMark
  }

  /** Bytes that the socket holds, or will hold at the end of this turn. A socket that took all is not asked again. */
  get #handedBytes(): number {
    if (this.#heldBytes > 0) {
      this.#heldBytes = this.#wire.socket.writableLength
      this.#heldWrite.review()
    }
    return this.#heldBytes + (this.#due?.bytes ?? 0)
  }

  /** Adds a frame to this turn's write if nothing waits before it and the socket has room. */
  #handOn(frame: Frame, handedBytes: number): boolean {
    if (this.#outbox.length > 0 || handedBytes >= this.#highWaterMark) return false
    this.#due = this.#due === undefined ? this.#parts.flusher.begin(frame) : this.#due.with(frame)
    this.#scheduleFlush()
    return true
  }

  #scheduleFlush(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#parts.flusher.add(this)
  }

  /** Writes while the socket is below its high-water mark. Otherwise it will emit `drain`, which leads back here. */
  #handOver(): void {
    const { socket } = this.#wire
    if (!this.#wire.isOpen) return this.close('client')
    if (this.#due !== undefined) this.#deliver(this.#due)
    while (!this.#closed && this.#outbox.length > 0 && !this.#isBlocked) {
      const roomBytes = socket.writableHighWaterMark - socket.writableLength
      const [first, ...others] = this.#outbox.take(roomBytes, this.#parts.clock.now())
      if (first === undefined) return this.#faults?.wakeAt(this.#outbox.heldUntil as number)
      let batch = this.#parts.flusher.begin(released(first))
      for (const frame of others) batch = batch.with(released(frame))
      this.#deliver(batch)
    }
  }

  #deliver(batch: Batch): void {
    this.#due = undefined
    if (batch.events > 0) this.#parts.consumer.delivered(batch)
    this.#write(batch)
  }

  #reportCaughtUp(): void {
    const { onCaughtUp } = this
    if (onCaughtUp === undefined || this.owesAnswers) return
    this.onCaughtUp = undefined
    onCaughtUp()
  }

  #askRefill(): void {
    if (this.refill !== undefined) this.#scheduleFlush()
  }

  /** Reports a gap once the client has caught up: everything before and after the gap so far is with the kernel. */
  #tellGap(): void {
    if (this.#outbox.length > 0 || this.#handedBytes > 0 || !this.#parts.budget().notify) return
    const gap = this.#outbox.takeGap()
    if (gap !== undefined) this.#write(this.#parts.flusher.begin(this.#parts.lagged(gap)))
  }

  #write(batch: Batch): void {
    const { socket } = this.#wire
    const bytes = batch.joined(this.#wire)
    if (this.refill === undefined) socket.write(bytes)
    else socket.write(bytes, () => this.#askRefill())
    this.#heldBytes = socket.writableLength
    if (this.#heldBytes > 0) this.#heldWrite.hold(batch)
    this.#wroteAt = this.#parts.flusher.turnAt
    this.#payloadBytes += batch.payloadBytes
    if (this.#isBlocked && !this.#parts.memory.hasRoom(0)) this.close('slow_consumer')
  }
}

function released(frame: Frame): Frame {
  return frame.held?.release() ?? frame
}
