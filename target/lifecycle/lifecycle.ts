/** A kind of state that a reset returns to its beginning. */
export type ResetScope = 'streams' | 'data' | 'ledger'

/** Streams first, so that those that end now still end in the ledger that is cleared last. */
const RESET_ORDER: readonly ResetScope[] = ['streams', 'data', 'ledger']

type Hook = () => void

/** The phases of the target. Each part registers here what it does when the target starts, is reset, and stops. */
export class Lifecycle {
  phase: 'starting' | 'ready' | 'stopping' = 'starting'
  readonly #start: Hook[] = []
  readonly #reset: Record<ResetScope, Hook[]> = { streams: [], data: [], ledger: [] }
  readonly #stop: Hook[] = []
  readonly #cut: Hook[] = []
  readonly #close: Hook[] = []

  /** `start` runs when all parts are there. */
  onStart(start: Hook): void {
    this.#start.push(start)
  }

  onReset(scope: ResetScope, reset: Hook): void {
    this.#reset[scope].push(reset)
  }

  /** `stop` ends what would not end by itself, such as streams. Requests under way go on. */
  onStop(stop: Hook): void {
    this.#stop.push(stop)
  }

  /** `cut` ends what is still open when the time to drain is over. It does not run if all has ended before. */
  onCut(cut: Hook): void {
    this.#cut.push(cut)
  }

  /** `close` runs when no connection is left. */
  onClose(close: Hook): void {
    this.#close.push(close)
  }

  start(): void {
    for (const start of this.#start) start()
  }

  reset(what: ResetScope | 'all'): void {
    for (const scope of RESET_ORDER) {
      if (what === 'all' || what === scope) for (const reset of this.#reset[scope]) reset()
    }
  }

  stop(): void {
    this.phase = 'stopping'
    for (const stop of this.#stop) stop()
  }

  cut(): void {
    for (const cut of this.#cut) cut()
  }

  close(): void {
    for (const close of this.#close) close()
  }
}
