import type { EventEnvelope } from '../../contract/events.ts'
import { detached, onOneLine, withoutMembers } from '../json/members.ts'
import { textBytes } from '../memory/budget.ts'
import { type Frame, memoryBytesOf } from '../transport/frame.ts'
import { formatCursor } from './cursor.ts'
import type { History } from './history.ts'

/** Where an accepted event stands. */
export interface Position {
  stream: string
  partition: number
  offset: number
  /** Wall time in ms. */
  publishedAt: number
}

/** About what the place adds to an event's text, its stream's name left out. */
const PLACE_CHARACTERS = 90

/** Estimate for an event without its text, measured and rounded up. */
const EVENT_BYTES = 400

/** An event as its stream keeps it: as text, which is leaner than the objects it was parsed from. */
export class StoredEvent {
  readonly type: string
  readonly position: Position
  readonly sequence: number
  /**
   * Conflation key: a newer event with an equal key replaces this one where the slow-consumer policy is to conflate.
   */
  readonly key: string
  /** The history that keeps it, while one does. */
  keeper: History | undefined
  readonly #epoch: string
  /** One JSON object on one line: the event as it came, numbers and all. */
  readonly #source: string
  /** By format. Encoded when somebody first wants it, and then kept for all others. */
  #frames: Map<FrameEncoder, Frame> | undefined
  #memoryBytes: number

  /** `source` is the JSON that the envelope was read from; events that the target makes itself have none. */
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

  get stream(): string {
    return this.position.stream
  }

  get partition(): number {
    return this.position.partition
  }

  get offset(): number {
    return this.position.offset
  }

  get publishedAt(): number {
    return this.position.publishedAt
  }

  /** One JSON object: the event as it came, and where it stands. */
  get text(): string {
    const { stream, partition, offset, publishedAt } = this.position
    const place = `"stream":${JSON.stringify(stream)},"partition":${partition},"offset":${offset},"published_at":${publishedAt}}`
    return `${this.#source.slice(0, -1)},${place}`
  }

  /** About the characters of its text: what it spends of its stream's `historyBytes`. */
  get size(): number {
    return this.#source.length + this.stream.length + PLACE_CHARACTERS
  }

  get cursor(): string {
    return formatCursor(this.#epoch, this.sequence)
  }

  /** The frame of this event in a format; made once. */
  frame(encoder: FrameEncoder): Frame {
    const known = this.#frames?.get(encoder)
    if (known !== undefined) return known
    const frame = encoder.event(this)
    this.#frames = (this.#frames ?? new Map<FrameEncoder, Frame>()).set(encoder, frame)
    const frameBytes = memoryBytesOf(frame)
    this.#memoryBytes += frameBytes
    this.keeper?.grew(frameBytes)
    return frame
  }
}

export interface FrameEncoder {
  event(event: StoredEvent): Frame
}

/** Fields that are the stream's to say: a client's own of these names must not stand in for them. */
const notTheirNames = ['stream', 'partition', 'offset', 'published_at', 'cursor']

/** Returns the event as its client sent it, on one line and without the members that only the stream may set. */
function ownSource(source: string, envelope: EventEnvelope): string {
  const line = onOneLine(source).trim()
  if (notTheirNames.some(name => Object.hasOwn(envelope, name))) return withoutMembers(line, notTheirNames)
  return line.length < source.length ? detached(line) : line
}
