import type { Clock } from '../../../core/clock.ts'
import type { ReadRate } from '../../scenario/streams.ts'
import type { Source } from './inbox.ts'

const UNITS_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 }

/** Returns a rate such as `10/s` in reads per ms. @throws RangeError for other text */
export function parseReadRate(rate: ReadRate): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\/([smh])$/.exec(rate) ?? []
  const perMs = Number(count) / (UNITS_MS[unit ?? ''] ?? Number.NaN)
  if (perMs > 0) return perMs
  throw new RangeError(`expected a rate such as 10/s or 6/m, got ${JSON.stringify(rate)}`)
}

/**
 * Limits how fast a source is read. A slow reader takes what has arrived, then stops reading until its rate allows
 * more. Meanwhile the kernel's buffers fill first, and then the server's.
 */
export class ReadingPace implements Source {
  readonly #source: Source
  readonly #clock: Clock
  /** Created only for a slow reader. */
  readonly #ended: AbortController | undefined
  readonly #msEach: number
  /** True while the reader has no room. */
  #full = false
  #resting = false
  #restedAt = 0

  /** @param rate default: as fast as the reader has room. */
  constructor(source: Source, clock: Clock, rate: ReadRate | undefined) {
    this.#source = source
    this.#clock = clock
    this.#ended = rate === undefined ? undefined : new AbortController()
    this.#msEach = rate === undefined ? 0 : 1 / parseReadRate(rate)
  }

  /** Counts one item as read. */
  read(): void {
    if (this.#msEach === 0) return
    this.#restedAt = Math.max(this.#restedAt, this.#clock.now()) + this.#msEach
    if (!this.#resting) void this.#rest()
  }

  /** Pauses a source that replaced another while reading was paused. */
  renewed(): void {
    if (this.#full || this.#resting) this.#source.pause()
  }

  /** Ends every pause in reading, because there is nothing more to read. */
  end(): void {
    this.#ended?.abort()
  }

  pause(): void {
    this.#full = true
    this.#source.pause()
  }

  resume(): void {
    this.#full = false
    if (!this.#resting) this.#source.resume()
  }

  async #rest(): Promise<void> {
    const ended = this.#ended?.signal
    this.#resting = true
    this.#source.pause()
    for (;;) {
      const restMs = this.#restedAt - this.#clock.now()
      if (restMs <= 0 || ended?.aborted) break
      await this.#clock.sleep(restMs, ended)
    }
    this.#resting = false
    if (!this.#full) this.#source.resume()
  }
}
