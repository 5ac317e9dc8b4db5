import type { ExposedRun } from '../report/exposition/exposed-run.ts'

/**
 * A destination that gets the metrics of a run while it goes on, and all of them at its end. Nothing that happens to it
 * changes the run: it never throws, and tells its problems by itself.
 */
export interface LiveExport {
  /** The destination in words. */
  readonly place: string
  /** Takes the state of the run, about once a second. Its series go on growing afterwards. */
  update(run: ExposedRun): void
  /**
   * Takes the final numbers, and resolves once the destination has them, or when they cannot be delivered within a limit or
   * before `hurry` aborts. Call it once, and then no other method.
   */
  finish(run: ExposedRun, hurry: AbortSignal): Promise<void>
  /** Ends it without final numbers. */
  close(): void
}

/** A destination that cannot be used. The message says what is wrong, `nextStep` what to do. */
export class ExportUnavailable extends Error {
  readonly nextStep: string

  constructor(message: string, nextStep: string) {
    super(message)
    this.nextStep = nextStep
  }
}
