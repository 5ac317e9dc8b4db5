import type { Plan } from '../plan/plan.ts'
import type { RunOutcome } from '../results/run-result.ts'
import type { StageReport, StageReports } from '../results/stage-report.ts'
import type { SetupContext, SharedResult } from '../scenario/setup.ts'
import { frozenCopy, NotShareable, sharing } from './shared-result.ts'
import { runStage, type StageOptions } from './stage.ts'

export interface PreparationOptions extends Omit<StageOptions, 'runId' | 'plan'> {
  /** Called when the setup or the teardown begins. */
  onStage?: (name: 'setup' | 'teardown') => void
  /** Ends the setup. */
  stopping: AbortSignal
  /** Once it aborts, the teardown has a few seconds left. */
  killed: AbortSignal
}

/** Time of a teardown after the run was stopped at once. */
const HURRIED_MS = 5000

/** The setup and the teardown of a scenario around a run. */
export class Preparation {
  readonly #plan: Pick<Plan, 'setup' | 'teardown'>
  readonly #options: PreparationOptions & StageOptions
  readonly #reports: StageReports = {}
  /** Returns what the setup returned. */
  readonly shared: SharedResult
  #begun = false
  #result: { value: unknown } | undefined

  constructor(
    plan: Pick<Plan, 'setup' | 'teardown'> & StageOptions['plan'],
    runId: string,
    options: PreparationOptions,
  ) {
    this.#plan = plan
    this.#options = { ...options, runId, plan }
    this.shared = sharing(plan, () => this.#result)
  }

  /** Runs the setup, if there is one. Returns why there can be no run. */
  async setUp(): Promise<RunOutcome | undefined> {
    const { setup } = this.#plan
    const { stopping } = this.#options
    if (stopping.aborted) return undefined
    this.#begun = true
    if (setup === undefined) return undefined
    this.#options.onStage?.('setup')
    const { report, result } = await runStage({ name: 'setup', ...setup, stop: stopping }, this.#options)
    this.#reports.setup = report.state === 'completed' ? this.#keep(report, result) : report
    const { state, detail } = this.#reports.setup
    // What interrupted it is the outcome of the run.
    return state === 'failed' ? { state: 'scenario_failed', detail: `${detail} No load was sent.` } : undefined
  }

  /** Runs the teardown once, unless nothing ever began. */
  async tearDown(): Promise<void> {
    const { teardown } = this.#plan
    if (!this.#begun || teardown === undefined) return
    this.#begun = false
    this.#options.onStage?.('teardown')
    const { clock, killed } = this.#options
    const stop = new AbortController()
    const hurry = () => void clock.sleep(HURRIED_MS, stop.signal).then(() => stop.abort())
    if (killed.aborted) hurry()
    else killed.addEventListener('abort', hurry, { signal: stop.signal })
    const run = (context: SetupContext) => teardown.run({ ...context, shared: this.shared })
    const { timeoutMs } = teardown
    const { report } = await runStage({ name: 'teardown', run, timeoutMs, stop: stop.signal }, this.#options)
    stop.abort()
    this.#reports.teardown = report
  }

  /** The result of the setup in a frozen copy; undefined without one. */
  get result(): { value: unknown } | undefined {
    return this.#result
  }

  /** Returns the field with the reports for a result; nothing where the scenario has neither. */
  reports(): { stages?: StageReports } {
    return Object.keys(this.#reports).length === 0 ? {} : { stages: this.#reports }
  }

  #keep(report: StageReport, result: unknown): StageReport {
    try {
      this.#result = { value: frozenCopy(result) }
      return report
    } catch (error) {
      if (!(error instanceof NotShareable)) throw error
      return {
        ...report,
        state: 'failed',
        detail: `The setup returned something that cannot be shared: ${error.message}.`,
      }
    }
  }
}
