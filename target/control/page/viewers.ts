import { Readable } from 'node:stream'
import type { Clock } from '../../../core/clock.ts'
import { ProblemError } from '../../exchange/problem.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'

export interface ViewersOptions {
  clock: Clock
  lifecycle: Pick<Lifecycle, 'on'>
  /** Time from one message to the next. */
  periodMs: number
  /** Called when the first viewer comes. */
  begin: () => void
  /** Returns the next message for all viewers. */
  message: () => string
  /** Returns what a viewer that has skipped messages gets before the next one. */
  catchUp: () => string
  /** Called when the last viewer has left. */
  end: () => void
}

export const MOST_VIEWERS = 16
const RETRY_AFTER_SECONDS = 5
/** Bytes that may wait for a viewer. One that is behind skips messages instead. */
const WAITING_BYTES = 16_384

/** One reader of the feed. It holds at most one message that its connection has not taken. */
class PageViewer extends Readable {
  #isReady = false
  #hasSkipped = false

  constructor(first: string) {
    super({ highWaterMark: WAITING_BYTES })
    this.push(first)
  }

  override _read(): void {
    this.#isReady = true
  }

  offer(message: string, catchUp: () => string): void {
    if (!this.#isReady) {
      this.#hasSkipped = true
      return
    }
    const text = this.#hasSkipped ? catchUp() + message : message
    this.#hasSkipped = false
    this.#isReady = this.push(text)
  }
}

/** The viewers of a page. A message is made once for all of them, and none without them. */
export class Viewers {
  readonly #options: ViewersOptions
  readonly #viewers = new Set<PageViewer>()
  #running: AbortController | undefined

  constructor(options: ViewersOptions) {
    this.#options = options
    options.lifecycle.on('stop', () => {
      for (const viewer of this.#viewers) viewer.push(null)
    })
  }

  get size(): number {
    return this.#viewers.size
  }

  /**
   * Admits one more viewer. Its stream begins with `first`.
   * @throws ProblemError too_many_connections
   */
  admit(first: string): Readable {
    if (this.#viewers.size >= MOST_VIEWERS) {
      throw new ProblemError('too_many_connections', `${MOST_VIEWERS} viewers follow the page already; close one`, {
        headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
      })
    }
    const viewer = new PageViewer(first)
    this.#viewers.add(viewer)
    viewer.once('close', () => this.#left(viewer))
    if (this.#running === undefined) {
      this.#running = new AbortController()
      this.#options.begin()
      void this.#run(this.#running.signal)
    }
    return viewer
  }

  #left(viewer: PageViewer): void {
    this.#viewers.delete(viewer)
    if (this.#viewers.size > 0) return
    this.#running?.abort()
    this.#running = undefined
    this.#options.end()
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, periodMs, message, catchUp } = this.#options
    for (;;) {
      await clock.sleep(periodMs, signal)
      if (signal.aborted) return
      const text = message()
      for (const viewer of this.#viewers) viewer.offer(text, catchUp)
    }
  }
}

/** Returns a Server-Sent Event. */
export function eventText(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
