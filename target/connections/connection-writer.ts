import type { CloseReason } from '../../contract/streams.ts'
import { AudienceMember, type AudienceTerms } from './audience-member.ts'
import type { Batch } from './batch.ts'
import type { ConnectionOptions, LiveFaults } from './connection-options.ts'
import { writeTo } from '../../core/direct-write.ts'
import { HeldWrite } from './held-write.ts'
import type { Wire } from './wire.ts'
import type { SeatSums } from './seat-sums.ts'

const noFaults = { on: false }

/** The part of a connection that writes: what is due at the end of this turn of the event loop, and what the socket still holds. */
export abstract class ConnectionWriter extends AudienceMember {
  /** Called for more frames when the kernel has taken all earlier ones: a replay is pulled and needs no buffer. */
  refill: (() => void) | undefined
  readonly highWaterMark: number
  // Fields of the options that every frame needs. With many connections each further object is a wait for memory.
  protected readonly flusher: ConnectionOptions['flusher']
  protected readonly budget: ConnectionOptions['budget']
  protected readonly allFaults: LiveFaults['all']
  protected readonly consumer: ConnectionOptions['consumer']
  readonly wire: Wire
  protected readonly socket: Wire['socket']
  protected readonly memory: ConnectionOptions['memory']
  protected readonly heldWrite: HeldWrite
  /** The batch to write at the end of this turn. While frames wait in the outbox, new ones wait behind them. */
  protected due: Batch | undefined
  protected isFlushing = false
  /** Bytes that the socket still held when it was last asked. */
  #heldBytes = 0
  #payloadBytes = 0
  #wroteAt: number

  constructor({ wire, flusher, budget, consumer, memory, faults }: ConnectionOptions) {
    super()
    const { socket } = wire
    this.highWaterMark = socket.writableHighWaterMark
    this.flusher = flusher
    this.budget = budget
    this.allFaults = faults?.all ?? noFaults
    this.consumer = consumer
    consumer.unsettled = this
    this.wire = wire
    this.socket = socket
    this.memory = memory
    this.heldWrite = new HeldWrite(socket, memory)
    this.#wroteAt = Math.trunc(flusher.turnAt)
  }

  abstract flush(): void
  abstract close(reason: CloseReason): void

  /** Payload bytes written so far, without the framing of the wire. */
  get payloadBytes(): number {
    this.settle()
    return this.#payloadBytes
  }

  /** Time of the last write in whole ms, by the monotonic clock. V8 would keep a fraction in an object of its own. */
  get wroteAt(): number {
    this.settle()
    return this.#wroteAt
  }

  get terms(): AudienceTerms {
    const { flusher, budget, allFaults } = this
    return { flusher, budget, allFaults }
  }

  takeNoted(noted: Batch): void {
    this.due = noted
    this.scheduleFlush()
  }

  writeNoted(noted: Batch): void {
    writeTo(this.socket, noted.joined(this.wire.encoding))
    this.wroteNoted(noted)
  }

  wroteNoted(noted: Batch): void {
    this.#reviewHeld(noted)
    if (this.#heldBytes > 0) this.standUp()
  }

  count(written: SeatSums, before: SeatSums): void {
    this.consumer.delivered(written.eventsSince(before))
    this.#payloadBytes += written.payloadBytes - before.payloadBytes
    this.#wroteAt = written.at
  }

  /** The batch to write at the end of this turn, whether or not it was only noted. */
  protected get dueOrNoted(): Batch | undefined {
    return this.due ?? this.noted
  }

  protected get isBlocked(): boolean {
    const { socket } = this
    return socket.writableLength >= socket.writableHighWaterMark
  }

  /** Bytes that the socket holds, or will hold at the end of this turn. An empty socket is not asked again. */
  protected get handedBytes(): number {
    if (this.#heldBytes > 0) {
      this.#heldBytes = this.socket.writableLength
      this.heldWrite.review()
    }
    return this.#heldBytes + (this.dueOrNoted?.bytes ?? 0)
  }

  protected scheduleFlush(): void {
    if (this.isFlushing) return
    this.isFlushing = true
    this.flusher.add(this)
  }

  protected deliver(batch: Batch): void {
    this.due = undefined
    if (batch.events > 0) this.consumer.delivered(batch)
    this.write(batch)
  }

  protected write(batch: Batch): void {
    const { socket } = this
    const bytes = batch.joined(this.wire.encoding)
    if (this.refill === undefined) writeTo(socket, bytes)
    else socket.write(bytes, () => this.askRefill())
    this.#wroteAt = Math.trunc(this.flusher.turnAt)
    this.#payloadBytes += batch.payloadBytes
    this.#reviewHeld(batch)
  }

  /** Charges what the socket still holds of the write just made. */
  #reviewHeld(batch: Batch): void {
    this.#heldBytes = this.socket.writableLength
    if (this.#heldBytes === 0) return
    this.heldWrite.hold(batch)
    if (this.isBlocked && !this.memory.hasRoom(0)) this.close('slow_consumer')
  }

  protected askRefill(): void {
    if (this.refill !== undefined) this.scheduleFlush()
  }
}
