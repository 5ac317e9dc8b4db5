import type { EventEnvelope } from '../../contract/api/events.ts'
import { detached, onOneLine, withoutMembers } from '../json/members.ts'
import { textBytes } from '../memory/budget.ts'
import type { Recipient } from '../connections/audiences.ts'
import { type Frame, memoryBytesOf, type StreamEventAbout } from '../connections/frame.ts'
import type { EventEncoder, OutgoingEvent } from '../protocols/stream-protocol.ts'
import { formatCursor } from './cursor.ts'
import type { History } from './history.ts'

/** The position of an accepted event. */
export interface Position {
  stream: string
  partition: number
  offset: number
  /** Wall time in ms. */
  publishedAt: number
}

/** Approximate characters that the position adds to an event's text, without the stream's name. */
const PLACE_CHARACTERS = 90

/** Estimate for an event without its text, measured and rounded up. */
const EVENT_BYTES = 400

/** An event as its stream keeps it: as text, which takes less memory than parsed objects. */
export class StoredEvent implements OutgoingEvent {
  readonly type: string
  readonly position: Position
  readonly sequence: number
  /** Conflation key: a newer event with an equal key replaces this one if the slow-consumer policy is `conflate`. */
  readonly key: string
  /** The history that keeps it, if any. */
  keeper: History | undefined
  readonly #epoch: string
  /** One JSON object on one line: the event as received. */
  readonly #source: string
  /** Frames by format, encoded on first use and then shared. */
  #frames: Map<EventEncoder, Frame> | undefined
  #memoryBytes: number

  /** @param source JSON of the envelope; undefined for events of the target itself */
  constructor(envelope: EventEnvelope, position: Position, epoch: string, sequence: number, source?: string) {
    this.type = envelope.event_type
    this.position = position
    this.sequence = sequence
    this.key = envelope.partition_key ?? envelope.event_id
    this.#epoch = epoch
    this.#source = source === undefined ? JSON.stringify(envelope) : ownSource(source, envelope)
    this.#memoryBytes = EVENT_BYTES + textBytes(this.#source) + 2 * (this.key.length + this.type.length)
  }

  /** Estimated memory of the event: its text, and the frames that were made of it. */
  get memoryBytes(): number {
    return this.#memoryBytes
  }

  /** One JSON object: the event as received, and its position. */
  get text(): string {
    const { stream, partition, offset, publishedAt } = this.position
    const place = `"stream":${JSON.stringify(stream)},"partition":${partition},"offset":${offset},"published_at":${publishedAt}}`
    return `${this.#source.slice(0, -1)},${place}`
  }

  /** Approximate characters of its text, for the stream's `historyBytes`. */
  get size(): number {
    return this.#source.length + this.position.stream.length + PLACE_CHARACTERS
  }

  /** A new object for each frame, so that a waiting frame does not keep the event in memory. */
  get about(): StreamEventAbout {
    const { stream, partition, offset } = this.position
    return { kind: 'event', channel: stream, sequence: this.sequence, partition, offset }
  }

  get cursor(): string {
    return formatCursor(this.#epoch, this.sequence)
  }

  /** Returns the frame of this event in a format. Each is made once. */
  frame(encoder: EventEncoder): Frame {
    const known = this.#frames?.get(encoder)
    if (known !== undefined) return known
    const frame = encoder.event(this)
    if (encoder.isTransient) return frame
    this.#frames = (this.#frames ?? new Map<EventEncoder, Frame>()).set(encoder, frame)
    const frameBytes = memoryBytesOf(frame)
    this.#memoryBytes += frameBytes
    this.keeper?.grew(frameBytes)
    return frame
  }
}

/** Members that only the stream may set. They are removed from a client's event. */
const reservedFields = ['stream', 'partition', 'offset', 'published_at', 'cursor']

/** Returns the event as its client sent it, on one line and without the members that only the stream may set. */
function ownSource(source: string, envelope: EventEnvelope): string {
  const line = onOneLine(source).trim()
  if (reservedFields.some(name => Object.hasOwn(envelope, name))) return withoutMembers(line, reservedFields)
  return line.length < source.length ? detached(line) : line
}

/** Receives each new event of a stream. */
export interface Subscriber {
  offer(event: StoredEvent): void
  /** Gets the events instead if there is one, because nothing has to be decided about any of them. */
  readonly recipient?: Recipient<EventEncoder> | undefined
}

/** A consumer's choice of events; at least one of the two is set. */
export interface Filter {
  partitions?: ReadonlySet<number>
  types?: ReadonlySet<string>
}

/** Whether an event passes a filter. Without a filter, every event does. */
export function passes(filter: Filter | undefined, event: StoredEvent): boolean {
  if (filter === undefined) return true
  const { partitions, types } = filter
  if (partitions !== undefined && !partitions.has(event.position.partition)) return false
  return types === undefined || types.has(event.type)
}
