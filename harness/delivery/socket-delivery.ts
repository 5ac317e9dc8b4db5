import type { Tags } from '../metrics/catalog.ts'
import type { Clock } from '../../core/clock.ts'
import type { Recorder } from '../metrics/recorder.ts'
import { EventAges } from './event-age.ts'
import type { EventFrames, ParsedFrame } from './event-frames.ts'
import type { FanOut, FanOutSequence } from './fan-out.ts'
import { SequenceTracker } from './sequence-tracker.ts'

/** Four times as many as a connection may follow by default. */
const MOST_KEYS = 4096

export interface SocketDeliveryOptions {
  clock: Clock
  recorder: Recorder
  tags: Tags
  frames: EventFrames
  /** Fan-out of the run. */
  fanOut: FanOut
  tenant: string
}

/** Checks the events that one user receives over one socket and its replacements. */
export class SocketDelivery {
  readonly #clock: Clock
  readonly #recorder: Recorder
  readonly #tags: Tags
  readonly #frames: EventFrames
  readonly #tracker: SequenceTracker<string>
  readonly #ages: EventAges
  readonly #fanOut: FanOut
  readonly #tenant: string
  /** By key. */
  readonly #sequences = new Map<string, FanOutSequence>()

  constructor(options: SocketDeliveryOptions) {
    const { clock, recorder, tags, frames, fanOut, tenant } = options
    this.#clock = clock
    this.#recorder = recorder
    this.#tags = tags
    this.#frames = frames
    this.#fanOut = fanOut
    this.#tenant = tenant
    this.#ages = new EventAges(recorder, tags)
    this.#tracker = new SequenceTracker({ recorder, tags, most: MOST_KEYS })
  }

  received(frame: ParsedFrame): void {
    const { key, events, own, turns } = this.#frames
    const type = String(frame['type'] ?? frame['op'])
    const happenedAt = events[type]
    if (happenedAt !== undefined) {
      this.#recorder.add('ws_events', this.#tags)
      const at = happenedAt(frame)
      // In chat the client sets it, and may send anything.
      if (typeof at === 'number') this.#ages.record(at, this.#clock.wallTime())
      this.#see(frame[key], frame['sequence'])
      this.#follow(frame[key], frame['sequence'])
    } else if (own?.includes(type)) {
      // A client that does not follow the channel sees nothing else of it.
      if (this.#tracker.has(String(frame[key]))) this.#see(frame[key], frame['sequence'])
    } else {
      const turn = turns[type]?.(frame)
      for (const turning of turn?.keys ?? []) this.#turn(String(turning), turn?.after)
    }
  }

  /** Ends the socket: what is missing now counts as gaps. */
  end(): void {
    this.#tracker.endAll()
  }

  #see(key: unknown, sequence: unknown): void {
    if (Number.isInteger(sequence)) this.#tracker.see(String(key), sequence as number)
  }

  #follow(key: unknown, sequence: unknown): void {
    if (typeof key !== 'string' || typeof sequence !== 'number' || !this.#fanOut.samples(sequence)) return
    let followed = this.#sequences.get(key)
    if (followed === undefined) {
      if (this.#sequences.size >= MOST_KEYS) return
      const tags: Tags = { transport: 'ws', name: this.#tags.name, operation: this.#tags.operation }
      followed = this.#fanOut.of(`${this.#tenant}/${this.#tags.operation}/${key}`, this.#recorder, tags)
      if (followed === undefined) return
      this.#sequences.set(key, followed)
    }
    followed.received(sequence)
  }

  #turn(key: string, after: unknown): void {
    if (Number.isInteger(after)) this.#tracker.start(key, after as number)
    else this.#tracker.end(key)
  }
}
