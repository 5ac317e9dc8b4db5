import { type Break, MOST_BREAKS } from '../../metrics/observations.ts'

/** Records when connections broke and when each was restored. Keeps a limited number, the oldest. */
export class Breaks {
  readonly all: Break[] = []
  readonly #worker: number
  readonly #startedAt: number
  #connections = 0

  /** @param startedAt of the run, in the clock's monotonic ms. */
  constructor(worker: number, startedAt: number) {
    this.#worker = worker
    this.#startedAt = startedAt
  }

  /** Returns an ordinal for a stream or socket. */
  nextConnection(): number {
    return this.#connections++
  }

  add(connection: number, who: string, brokenAt: number): Break {
    const brokenAtMs = brokenAt - this.#startedAt
    const broken = { worker: this.#worker, connection, who, brokenAtMs, backAtMs: undefined }
    if (this.all.length < MOST_BREAKS) this.all.push(broken)
    return broken
  }

  back(broken: Break, at: number): void {
    broken.backAtMs = at - this.#startedAt
  }
}
