import type { Tags } from '../metrics/catalog.ts'
import type { Recorder } from '../metrics/recorder.ts'

/** Timestamps have milliseconds: one that was rounded up lies ahead by less than this, and counts as age 0. */
const RESOLUTION_MS = 1
/** No event is this much older or newer than the run, so that such a timestamp is not in milliseconds. */
const FURTHEST_MS = 10 * 365 * 86_400_000

/** Units that servers use instead of milliseconds, and their length in ms. */
const otherUnits = { seconds: 1000, microseconds: 1e-3, nanoseconds: 1e-6 } as const

export type TimestampError = 'ahead' | keyof typeof otherUnits | 'no time'

/** Returns the age of an event by this machine's wall clock, in ms, or why it is unknown. */
export function ageOf(timestamp: unknown, wallTime: number): number | TimestampError {
  const at = millisecondsOf(timestamp)
  if (Math.abs(wallTime - at) <= FURTHEST_MS) {
    const ageMs = wallTime - at
    return ageMs < -RESOLUTION_MS ? 'ahead' : Math.max(0, ageMs)
  }
  for (const [unit, unitMs] of Object.entries(otherUnits)) {
    if (Math.abs(wallTime - at * unitMs) <= FURTHEST_MS) return unit as keyof typeof otherUnits
  }
  return 'no time'
}

/** Returns NaN for a value that is not a time. */
function millisecondsOf(timestamp: unknown): number {
  if (typeof timestamp === 'number') return timestamp
  if (typeof timestamp !== 'string' || timestamp.trim() === '') return Number.NaN
  const value = Number(timestamp)
  return Number.isNaN(value) ? Date.parse(timestamp) : value
}

/** Records how long events took to reach their consumer, and counts unusable timestamps. One for each set of tags. */
export class EventAges {
  readonly #recorder: Recorder
  readonly #tags: Tags
  /** The recorder finds a series by the identity of its tags, so each reason has one object. */
  readonly #errorTags = new Map<TimestampError, Tags>()

  constructor(recorder: Recorder, tags: Tags) {
    this.#recorder = recorder
    this.#tags = tags
  }

  /** Records the age. A missing timestamp is not an error. */
  record(timestamp: unknown, wallTime: number): void {
    if (timestamp === undefined || timestamp === null) return
    const age = ageOf(timestamp, wallTime)
    if (typeof age === 'number') return this.#recorder.time('event_e2e_latency', this.#tags, age)
    let tags = this.#errorTags.get(age)
    if (tags === undefined) this.#errorTags.set(age, (tags = { ...this.#tags, reason: age }))
    this.#recorder.add('event_timestamp_errors', tags)
  }
}
