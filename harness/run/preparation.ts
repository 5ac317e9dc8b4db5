import type { Plan } from '../plan/plan.ts'
import type { RunOutcome } from '../results/run-result.ts'
import type { StageReport, StageReports } from '../results/stage-report.ts'
import type { SetupContext, SharedResult } from '../scenario/setup.ts'
import { frozenCopy, NotShareable } from './shared-result.ts'
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
  #begun = false
  #result: { value: unknown } | undefined

  constructor(
    plan: Pick<Plan, 'setup' | 'teardown'> & StageOptions['plan'],
    runId: string,
    options: PreparationOptions,
  ) {
    this.#plan = plan
    this.#options = { ...options, runId, plan }
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

  /** Returns what the setup returned. @throws Error when there is no result, or it is that of another function */
  readonly shared: SharedResult = setup => {
    const known = this.#plan.setup?.run
    const name = nameOf(setup)
    if (known === undefined) {
      throw new TypeError(`shared(${name}): the scenario has no setup; write \`setup: ${name}\` in it`)
    }
    if (known !== setup) {
      throw new TypeError(`shared(${name}): expected the setup of the scenario, ${nameOf(known)}, got another function`)
    }
    if (this.#result === undefined) throw new Error(`shared(${name}): the setup has not completed`)
    return this.#result.value as never
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

function nameOf(setup: unknown): string {
  return (typeof setup === 'function' && setup.name) || 'a function without a name'
}
