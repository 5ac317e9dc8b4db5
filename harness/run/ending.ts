import type { RunOutcome } from '../../contract/run-result.ts'

/** Why a run ends before its plan: the first reason counts. */
export class Ending {
  outcome: RunOutcome | undefined
  readonly #stop = new AbortController()
  readonly #signals: AbortSignal[]
  readonly #interrupt = () =>
    this.end({ state: 'interrupted', detail: 'The run was interrupted and stopped before its plan.' })

  constructor(...signals: AbortSignal[]) {
    this.#signals = signals
    for (const signal of signals) {
      if (signal.aborted) this.#interrupt()
      else signal.addEventListener('abort', this.#interrupt)
    }
  }

  get stopping(): AbortSignal {
    return this.#stop.signal
  }

  end(outcome: RunOutcome): void {
    this.outcome ??= outcome
    this.#stop.abort()
  }

  close(): void {
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#interrupt)
  }
}
