/** A kind of state that a reset returns to its beginning. */
export type ResetScope = 'streams' | 'data' | 'ledger'

/** Streams first, so that the ledger still records their ends. It is cleared last. */
const RESET_ORDER: readonly ResetScope[] = ['streams', 'data', 'ledger']

/**
 * - `start`: all parts exist.
 * - `stop`: streams and everything else that would not end by itself must end. Requests under way go on.
 * - `cut`: the time to drain is over, and what is still open must end. It does not come if everything has ended before.
 * - `close`: no connection is left.
 */
export type Moment = 'start' | 'stop' | 'cut' | 'close'

type Hook = () => void

/** The phases of the target. Each part registers here what it does when the target starts, is reset, and stops. */
export class Lifecycle {
  phase: 'starting' | 'ready' | 'stopping' = 'starting'
  readonly #hooks: Record<Moment, Hook[]> = { start: [], stop: [], cut: [], close: [] }
  readonly #resets: Record<ResetScope, Hook[]> = { streams: [], data: [], ledger: [] }

  on(moment: Moment, hook: Hook): void {
    this.#hooks[moment].push(hook)
  }

  /** As `on`, but before all that registered earlier. */
  onFirst(moment: Moment, hook: Hook): void {
    this.#hooks[moment].unshift(hook)
  }

  onReset(scope: ResetScope, reset: Hook): void {
    this.#resets[scope].push(reset)
  }

  run(moment: Moment): void {
    if (moment === 'stop') this.phase = 'stopping'
    for (const hook of this.#hooks[moment]) hook()
  }

  reset(what: ResetScope | 'all'): void {
    for (const scope of RESET_ORDER) {
      if (what === 'all' || what === scope) for (const reset of this.#resets[scope]) reset()
    }
  }
}
