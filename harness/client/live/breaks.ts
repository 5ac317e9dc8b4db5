import type { Break } from '../../metrics/observations.ts'

/** Enough for a storm over all the connections that one machine can hold. */
const MOST_BREAKS = 100_000

/** Records when connections broke, and when each came back. Bounded: the oldest are kept. */
export class Breaks {
  readonly all: Break[] = []
  #connections = 0

  /** An ordinal for a stream or socket. */
  nextConnection(): number {
    return this.#connections++
  }

  add(connection: number, who: string, brokenAt: number): Break {
    const broken = { connection, who, brokenAt, backAt: undefined }
    if (this.all.length < MOST_BREAKS) this.all.push(broken)
    return broken
  }
}
