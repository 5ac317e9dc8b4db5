import type { MemoryTable } from '../memory/budget.ts'
import { type Frame, isEventOf } from './frame.ts'
import type { Encoding } from './wire.ts'

/**
 * Frames that go out in one write. Connections that get the same frames in one turn share a batch, so its sums and bytes
 * are computed once, and adding a frame costs each connection one comparison.
 */
export class Batch {
  readonly bytes: number
  readonly payloadBytes: number
  /** Frames that carry an event. */
  readonly events: number
  /** Number of these that a fault made malformed. */
  readonly malformed: number
  readonly #frame: Frame
  readonly #before: Batch | undefined
  /** The batch that `with` returned last. */
  #next: Batch | undefined
  #joined: Buffer | undefined
  #joinedEncoding: Encoding | undefined
  /** Number of sockets that still hold a part of it. */
  #heldBy = 0
  #eventsByChannel: ReadonlyMap<string, number> | undefined

  constructor(frame: Frame, before?: Batch) {
    this.#frame = frame
    this.#before = before
    this.bytes = frame.bytes.length + (before?.bytes ?? 0)
    this.payloadBytes = frame.payloadBytes + (before?.payloadBytes ?? 0)
    const isEvent = frame.about.kind === 'event'
    this.events = (isEvent ? 1 : 0) + (before?.events ?? 0)
    this.malformed = (isEvent && frame.isMalformed === true ? 1 : 0) + (before?.malformed ?? 0)
  }

  endsWith(frame: Frame): boolean {
    return this.#frame === frame
  }

  with(frame: Frame): Batch {
    if (this.#next?.endsWith(frame) !== true) this.#next = new Batch(frame, this)
    return this.#next
  }

  /** Returns all bytes in one piece: one copy and one write are measurably cheaper than cork and writev. */
  joined(encoding: Encoding): Buffer {
    if (this.#before === undefined) return encoding.bytesOf(this.#frame)
    if (this.#joined === undefined || this.#joinedEncoding !== encoding) {
      this.#joinedEncoding = encoding
      this.#joined = Buffer.concat(this.frames().map(frame => encoding.bytesOf(frame)))
    }
    return this.#joined
  }

  /** Notes that a socket holds a part of it. All sockets share its bytes, so they are charged once. */
  retain(memory: MemoryTable): void {
    if (this.#heldBy === 0) memory.charge(this.bytes)
    this.#heldBy += 1
  }

  /** Notes that the kernel has taken all of it from a socket. */
  release(memory: MemoryTable): void {
    this.#heldBy -= 1
    if (this.#heldBy === 0) memory.release(this.bytes)
  }

  /** Frames that carry an event of this channel. */
  eventsOf(channel: string): number {
    return this.eventsByChannel.get(channel) ?? 0
  }

  get eventsByChannel(): ReadonlyMap<string, number> {
    return (this.#eventsByChannel ??= this.#countByChannel())
  }

  /** Number of these that a fault made malformed. */
  malformedOf(channel: string): number {
    return this.frames().filter(frame => frame.isMalformed && isEventOf(channel, frame)).length
  }

  /** All frames, oldest first. */
  frames(): Frame[] {
    const frames = [this.#frame]
    for (let batch = this.#before; batch !== undefined; batch = batch.#before) frames.push(batch.#frame)
    return frames.reverse()
  }

  #countByChannel(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { about } of this.frames()) {
      if (about.kind === 'event') counts.set(about.channel, (counts.get(about.channel) ?? 0) + 1)
    }
    return counts
  }
}
