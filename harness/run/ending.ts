import type { ControlPlaneError } from '../control/control-plane.ts'
import { LiveStop } from '../live-control/live-stop.ts'
import { machineExhausted } from '../results/circumstances.ts'
import type { RunOutcome } from '../results/run-result.ts'
import { describeException } from '../user/exception.ts'
import { ScenarioExit } from './uncaught.ts'

/** Ends a run earlier than planned. The first reason counts. */
export class Ending {
  outcome: RunOutcome | undefined
  readonly #stop = new AbortController()
  readonly #closed = new AbortController()

  /** @param signals end the run when one aborts: interrupted, or failed by a scenario whose ScenarioExit is the reason */
  constructor(...signals: AbortSignal[]) {
    for (const signal of signals) {
      const end = () => this.end(outcomeOf(signal.reason))
      if (signal.aborted) end()
      else signal.addEventListener('abort', end, { signal: this.#closed.signal })
    }
  }

  get stopping(): AbortSignal {
    return this.#stop.signal
  }

  end(outcome: RunOutcome): void {
    this.outcome ??= outcome
    this.#stop.abort()
  }

  /** Ends the run because the target could not be changed. */
  fail(what: string, { message, exhausted }: ControlPlaneError): void {
    if (exhausted) this.end(machineExhausted(what, message))
    else this.end({ state: 'scenario_failed', detail: `${what}: ${message}.` })
  }

  close(): void {
    this.#closed.abort()
  }
}

/** Returns the outcome of a run that a signal with this reason ends. */
export function outcomeOf(reason: unknown): RunOutcome {
  return reason instanceof ScenarioExit
    ? {
        state: 'scenario_failed',
        detail: `The run was ended by ${describeException(reason)}; to end an iteration, return or throw.`,
      }
    : {
        state: 'interrupted',
        detail: reason instanceof LiveStop ? reason.message : 'The run was interrupted before its planned end.',
      }
}
