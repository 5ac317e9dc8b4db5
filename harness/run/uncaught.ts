import type { Recorder } from '../metrics/recorder.ts'
import { describeException } from '../user/exception.ts'

const MOST_EXAMPLES = 5

/** A scenario called `process.exit` or the like; the message says which. It is reported before it is thrown. */
export class ScenarioExit extends Error {
  override readonly name = 'ProcessExit'
}

/**
 * Exceptions that a scenario throws outside of any iteration: in a timer, an event handler, a promise without a handler. They are
 * counted in the run, or kept here when no run is under way, and never end the process.
 */
export class Uncaught {
  /** Exceptions outside of a run: the count of all, and a bounded number of different examples. */
  readonly outside: { count: number; readonly examples: string[] } = { count: 0, examples: [] }
  #recorder: Recorder | undefined
  readonly #note = (thrown: unknown) => {
    if (thrown instanceof ScenarioExit) return
    const example = describeException(thrown)
    if (this.#recorder !== undefined) {
      this.#recorder.fail({ reason: 'exception', name: '(outside of any iteration)', example })
      return
    }
    this.outside.count += 1
    const { examples } = this.outside
    if (examples.length < MOST_EXAMPLES && !examples.includes(example)) examples.push(example)
  }

  constructor() {
    process.on('uncaughtException', this.#note)
    process.on('unhandledRejection', this.#note)
  }

  /** Counts in this recorder from now on; undefined keeps them here. */
  countIn(recorder: Recorder | undefined): void {
    this.#recorder = recorder
  }

  close(): void {
    process.off('uncaughtException', this.#note)
    process.off('unhandledRejection', this.#note)
  }
}
