import type { StoredEvent } from './event.ts'
import type { Stream } from './stream.ts'

interface Place {
  stream: Stream
  ordinal: number
}

/** Reads what several streams have kept, in the one order of their tenant, and keeps its place while they move on. */
export class Replay {
  readonly #places: Place[]

  /** Starts after the event with this sequence. */
  constructor(streams: readonly Stream[], sequence: number) {
    this.#places = streams.map(stream => ({ stream, ordinal: stream.history.ordinalAfter(sequence) }))
  }

  /** The next event, until `advance`; undefined at the head. */
  peek(): StoredEvent | undefined {
    const place = this.#nextPlace()
    return place && eventAt(place)
  }

  advance(): void {
    const place = this.#nextPlace()
    if (place !== undefined) place.ordinal += 1
  }

  /** What retention took before it could be read, each once; the reading goes on behind it. */
  takeOvertaken(): { stream: string; count: number }[] {
    const overtaken: { stream: string; count: number }[] = []
    for (const place of this.#places) {
      const count = place.stream.history.firstOrdinal - place.ordinal
      if (count <= 0) continue
      place.ordinal += count
      overtaken.push({ stream: place.stream.name, count })
    }
    return overtaken
  }

  #nextPlace(): Place | undefined {
    let next: Place | undefined
    let nextSequence = Number.POSITIVE_INFINITY
    for (const place of this.#places) {
      const sequence = eventAt(place)?.sequence
      if (sequence !== undefined && sequence < nextSequence) {
        next = place
        nextSequence = sequence
      }
    }
    return next
  }
}

function eventAt({ stream, ordinal }: Place): StoredEvent | undefined {
  return stream.history.at(ordinal)
}
