import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { LaggedFrame, StreamCloseReason } from '../../contract/streams.ts'
import type { Clock } from '../../core/clock.ts'
import type { ConsumerBook } from '../ledger/account.ts'
import type { Connection, SendResult } from './connection.ts'
import type { Flushable, Flusher } from './flusher.ts'
import { type Frame, payloadOf } from './frame.ts'
import { Outbox, type SlowConsumerBudget } from './outbox.ts'

/**
 * Time a client gets to take what its socket still holds before the socket is destroyed. Long: what was given to the
 * socket counts as delivered, and a client that reads at all must get it.
 */
const LINGER_MS = 10_000

export interface HttpConnectionParts {
  /** Its head is written, its body is ours. */
  response: ServerResponse
  socket: Socket
  clock: Clock
  flusher: Flusher
  /** Read at each use: a change of the configuration holds for open connections too. */
  budget: () => SlowConsumerBudget
  consumer: ConsumerBook
  lagged: (lagged: LaggedFrame) => Frame
  onClosed: () => void
}

/**
 * A stream as the body of an HTTP response that never ends by itself. Frames go straight to the socket, past the response:
 * they are chunks already. The socket's own queue is kept short, so that what waits are references to shared frames.
 */
export class HttpConnection implements Connection, Flushable {
  /** Asked for more whenever all that was sent is on its way: a replay is pulled, so that it needs no buffer. */
  refill: (() => void) | undefined
  readonly #parts: HttpConnectionParts
  readonly #socket: Socket
  readonly #outbox: Outbox
  readonly #askRefill = () => {
    if (this.refill !== undefined) this.#scheduleFlush()
  }
  #flushing = false
  #closed = false
  #payloadBytes = 0
  #wroteAt: number

  constructor(parts: HttpConnectionParts) {
    this.#parts = parts
    this.#socket = parts.socket
    this.#outbox = new Outbox((policy, frames) => parts.consumer.dropped(policy, frames))
    this.#wroteAt = parts.flusher.turnAt
    // Before Node's own listener, which ends the socket: the last chunk must come first. What the socket was given until
    // then still reaches a client that only closed its own side.
    this.#socket.prependOnceListener('end', () => this.close('client'))
    this.#socket.once('close', () => this.close('client'))
    this.#socket.on('drain', () => this.flush())
  }

  get bufferedBytes(): number {
    return this.#outbox.bytes + (this.#closed ? 0 : this.#socket.writableLength)
  }

  get roomBytes(): number {
    return Math.max(0, this.#parts.budget().budgetBytes - this.bufferedBytes)
  }

  /** What was given to the socket in all, without the chunk framing. */
  get payloadBytes(): number {
    return this.#payloadBytes
  }

  /** When anything was last given to the socket, by the monotonic clock. */
  get wroteAt(): number {
    return this.#wroteAt
  }

  send(frame: Frame): SendResult {
    if (this.#closed) return 'closed'
    const { flusher, budget } = this.#parts
    const admission = this.#outbox.offer(frame, this.#socket.writableLength, flusher.turnAt, budget())
    if (admission === 'dropped') return 'dropped'
    if (admission === 'overflow') {
      this.close('slow_consumer')
      return 'closed'
    }
    if (this.#isBlocked) return 'queued'
    this.#scheduleFlush()
    return 'sent'
  }

  notify(frame: Frame): boolean {
    if (this.#closed || this.#outbox.length > 0 || this.#isBlocked) return false
    this.#write([frame])
    return true
  }

  flush(): void {
    this.#flushing = false
    this.#handOver()
    if (this.#closed || this.#outbox.length > 0 || this.#isBlocked) return
    this.#tellGap()
    this.refill?.()
  }

  /** What is due by time alone: the age budget, and telling of drops a client that gets no more frames. */
  tend(now: number): void {
    if (this.#closed) return
    if (this.#outbox.expire(now, this.#parts.budget())) this.#tellGap()
    else this.close('slow_consumer')
  }

  close(reason: StreamCloseReason): void {
    if (this.#closed) return
    // Who is told to go gets what its socket takes at once; who left, or does not read, does not.
    if (reason === 'shutdown' || reason === 'control') this.#handOver()
    this.#closed = true
    this.refill = undefined
    const { response, consumer, onClosed } = this.#parts
    consumer.closed(reason, this.#outbox.length)
    this.#outbox.take(Number.POSITIVE_INFINITY)
    if (!this.#socket.destroyed) {
      response.end()
      this.#destroyUnlessTaken()
    }
    onClosed()
  }

  get #isBlocked(): boolean {
    return this.#socket.writableLength >= this.#socket.writableHighWaterMark
  }

  #scheduleFlush(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#parts.flusher.add(this)
  }

  /** Writes only below the socket's mark. At or above it the socket owes us a `drain`, which comes back here. */
  #handOver(): void {
    while (!this.#closed && this.#outbox.length > 0 && !this.#isBlocked) {
      const frames = this.#outbox.take(this.#socket.writableHighWaterMark - this.#socket.writableLength)
      this.#parts.consumer.delivered(frames.length)
      this.#write(frames)
    }
  }

  /** Only once the client has caught up: all before the gap, and all after it so far, is with the kernel. */
  #tellGap(): void {
    if (this.#outbox.length > 0 || this.#socket.writableLength > 0 || !this.#parts.budget().notify) return
    const gap = this.#outbox.takeGap()
    if (gap !== undefined) this.#write([this.#parts.lagged(gap)])
  }

  #write(frames: readonly Frame[]): void {
    const bytes = joined(frames, this.#parts.response.chunkedEncoding)
    if (this.refill === undefined) this.#socket.write(bytes)
    else this.#socket.write(bytes, this.#askRefill)
    this.#wroteAt = this.#parts.flusher.turnAt
    for (const frame of frames) this.#payloadBytes += frame.payloadBytes
  }

  /** The clean end waits behind what the socket holds; a client that does not read must not hold it for ever. */
  #destroyUnlessTaken(): void {
    if (this.#socket.writableLength === 0) return
    const taken = new AbortController()
    this.#socket.once('close', () => taken.abort())
    void this.#parts.clock.sleep(LINGER_MS, taken.signal).then(() => this.#socket.destroy())
  }
}

/** One copy and one write: measurably cheaper than cork and writev. */
function joined(frames: readonly Frame[], chunked: boolean): Buffer {
  const [only] = frames
  if (frames.length === 1 && only !== undefined) return chunked ? only.chunk : payloadOf(only)
  return Buffer.concat(frames.map(frame => (chunked ? frame.chunk : payloadOf(frame))))
}
