import type { Clock } from '../../../core/clock.ts'
import { type Duration, parseDuration } from '../../../core/duration.ts'

/** A connection that the watch observes. */
export interface Audible {
  /** All bytes that came over it so far. */
  readonly receivedBytes: number
  /** True while the client does not read, so that a silence means nothing. */
  readonly isPaused: boolean
  readonly silenceMs: number
  /** Called whenever nothing has arrived for `silenceMs`, until the connection is deleted. */
  fellSilent(): void
}

/** A server that sends something every five seconds stays below this, unless it stalls for long or is gone. */
const DEFAULT_SILENCE_MS = 15_000

/** Maximum delay with which a silence is noticed. */
const SWEEP_INTERVAL_MS = 250

/** Returns milliseconds; 0 for no limit. @throws RangeError for an invalid duration. */
export function parseSilence(silence: Duration | false | undefined): number {
  if (silence === false) return 0
  return silence === undefined ? DEFAULT_SILENCE_MS : parseDuration(silence)
}

interface Heard {
  bytes: number
  silentMs: number
}

/**
 * Finds connections over which nothing arrives any more, because a connection that was cut silently looks like an idle one. One
 * sweep checks all of them, so that receiving data costs nothing extra.
 */
export class SilenceWatch {
  readonly #clock: Clock
  readonly #heard = new Map<Audible, Heard>()
  #sweeping = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Observes the connection from now on, unless it has no limit. */
  add(audible: Audible): void {
    if (audible.silenceMs === 0) return
    // No count equals -1, so that its time begins with the next sweep.
    this.#heard.set(audible, { bytes: -1, silentMs: 0 })
    if (!this.#sweeping) void this.#sweep()
  }

  delete(audible: Audible): void {
    this.#heard.delete(audible)
  }

  async #sweep(): Promise<void> {
    this.#sweeping = true
    let sweptAt = this.#clock.now()
    while (this.#heard.size > 0) {
      await this.#clock.sleep(SWEEP_INTERVAL_MS)
      const now = this.#clock.now()
      // After a pause of this process, received data may still wait to be read.
      const listenedMs = Math.min(now - sweptAt, 2 * SWEEP_INTERVAL_MS)
      sweptAt = now
      for (const [audible, heard] of this.#heard) this.#listen(audible, heard, listenedMs)
    }
    this.#sweeping = false
  }

  #listen(audible: Audible, heard: Heard, listenedMs: number): void {
    const { receivedBytes, isPaused, silenceMs } = audible
    if (isPaused || receivedBytes !== heard.bytes) {
      heard.bytes = receivedBytes
      heard.silentMs = 0
      return
    }
    heard.silentMs += listenedMs
    if (heard.silentMs < silenceMs) return
    heard.silentMs = 0
    audible.fellSilent()
  }
}
