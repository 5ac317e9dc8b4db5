import type { DecodedConnection } from '../../delivery/event-frames.ts'
import type { Session } from '../../session/session.ts'

/** Gives up a server whose pings stay away for longer than it has announced. */
export class WatchedPings {
  readonly #carrier: DecodedConnection
  readonly #session: Session
  readonly #over = new AbortController()
  #heardAt: number

  constructor(limitMs: number, carrier: DecodedConnection, session: Session) {
    this.#carrier = carrier
    this.#session = session
    this.#heardAt = session.clock.now()
    if (limitMs > 0) void this.#watch(limitMs)
  }

  heard(): void {
    this.#heardAt = this.#session.clock.now()
  }

  end(): void {
    this.#over.abort()
  }

  async #watch(limitMs: number): Promise<void> {
    const { clock, stopping } = this.#session
    const signal = AbortSignal.any([this.#over.signal, stopping])
    let leftMs = limitMs
    while (leftMs > 0) {
      await clock.sleep(leftMs, signal)
      if (signal.aborted) return
      leftMs = limitMs - (clock.now() - this.#heardAt)
    }
    this.#carrier.lose({ reason: 'silent', example: `no ping of the server came within ${limitMs} ms` })
  }
}
