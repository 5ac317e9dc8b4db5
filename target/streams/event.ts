import type { EventEnvelope } from '../../contract/events.ts'
import type { Frame } from '../transport/frame.ts'
import { formatCursor } from './cursor.ts'

/** Where an accepted event stands. */
export interface Position {
  stream: string
  partition: number
  offset: number
  /** Wall time in ms. */
  publishedAt: number
}

/** An event as its stream keeps it: as text, which is leaner than the objects it was parsed from. */
export class StoredEvent {
  readonly type: string
  readonly partition: number
  readonly sequence: number
  readonly publishedAt: number
  /** One JSON object: the event as it came, and where it stands. */
  readonly text: string
  readonly #epoch: string
  /** By format. Encoded when somebody first wants it, and then kept for all others. */
  #frames: Map<FrameEncoder, Frame> | undefined

  constructor(envelope: EventEnvelope, position: Position, epoch: string, sequence: number) {
    this.type = envelope.event_type
    this.partition = position.partition
    this.sequence = sequence
    this.publishedAt = position.publishedAt
    this.#epoch = epoch
    // `cursor` is the line format's own; a client's field of that name must not stand in for it.
    this.text = JSON.stringify({
      ...envelope,
      cursor: undefined,
      stream: position.stream,
      partition: position.partition,
      offset: position.offset,
      published_at: position.publishedAt,
    })
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
    return frame
  }
}

export interface FrameEncoder {
  event(event: StoredEvent): Frame
}
