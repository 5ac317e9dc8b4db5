import { deliveriesOf } from '../../../calibration/ledger-findings.ts'
import { type LedgerClientOptions, readLedger } from '../../../calibration/ledger-client.ts'
import type { RunFeedDescription, RunFeedPhase } from '../../../pages/run-feed.ts'
import { systemClock } from '../../../core/clock.ts'
import { isPipeline } from '../../../core/pipeline.ts'
import { untilAborted } from '../../../core/until-aborted.ts'
import type { RunControls } from '../../../harness/live-control/run-controls.ts'
import type { Plan } from '../../../harness/plan/plan.ts'
import { headlineOf } from '../../../harness/report/headline.ts'
import { compactLines } from '../../../harness/report/run-summary.ts'
import type { Progress } from '../../../harness/results/progress.ts'
import type { RunNow } from '../../../harness/results/run-now.ts'
import type { RunResult } from '../../../harness/results/run-result.ts'
import type { RunPageServer } from '../../../harness/run-page/run-page-server.ts'
import type { RunView } from '../../../harness/run-page/run-view.ts'
import { TruthWatch } from '../../../harness/run-page/truth-watch.ts'
import { InputError } from '../../process/input-error.ts'
import type { Interrupts } from '../../process/interrupts.ts'

/** Flags of `loadcell run` for its page. */
export interface RunPageFlags {
  ui?: true
  uiPort?: number
}

/** A run before it begins, as its page needs it. */
export interface PagedRun extends Omit<RunFeedDescription, 'scenario' | 'description' | 'load' | 'seed'> {
  plan: Plan
  /** Returns how the embedded target ended, if it did. */
  lost: () => string | undefined
}

/** The end of a run, for its page. */
interface PagedEnd {
  reportPath: string | undefined
}

/** @throws InputError */
export function expectPageFlags({ ui, uiPort }: RunPageFlags): void {
  if (uiPort !== undefined && !ui) throw new InputError('--ui-port is for --ui', 'Add --ui, or leave it out.')
}

/** The page of a run: nothing, unless `--ui` asks for it. Whatever goes wrong with it never changes the run. */
export class RunPage {
  static readonly none = new RunPage(undefined, undefined, () => undefined)
  readonly #view: RunView | undefined
  readonly #server: RunPageServer | undefined
  readonly #lost: () => string | undefined
  #truth: TruthWatch | undefined
  /** When the loads began, in monotonic ms. */
  #startedAt: number | undefined
  #isBroken = false

  private constructor(view: RunView | undefined, server: RunPageServer | undefined, lost: () => string | undefined) {
    this.#view = view
    this.#server = server
    this.#lost = lost
  }

  /** @param tell prints a note. @throws InputError when nothing can listen at the port */
  static async open({ ui, uiPort = 0 }: RunPageFlags, paged: PagedRun, tell: (note: string) => void) {
    if (!ui) return RunPage.none
    // Loaded only with `--ui`, because they would make every start slower.
    const { RunView } = await import('../../../harness/run-page/run-view.ts')
    const { RunPageServer } = await import('../../../harness/run-page/run-page-server.ts')
    const { plan, lost, ...told } = paged
    const { name: scenario, description, loadInWords: load, seed } = plan
    const run = { ...told, scenario, ...(description !== undefined && { description }), load, seed }
    const view = new RunView({ clock: systemClock, plan, run })
    const server = await RunPageServer.open(uiPort, view).catch((error: Error) => {
      throw new InputError(
        `the page of the run cannot be served: ${error.message}`,
        'Give another port with --ui-port.',
      )
    })
    tell(`The live page of this run is ${server.address}`)
    return new RunPage(view, server, lost)
  }

  /** Lets viewers who have the key change the run. */
  control(controls: RunControls): void {
    this.#view?.control(controls)
    this.#server?.control(controls)
  }

  /** Shows what truly happened beside what the clients saw. @param ledger where the target keeps it; a text says why there is none */
  compareWith(ledger: LedgerClientOptions | string, runId: string): void {
    if (this.#view === undefined) return
    if (typeof ledger === 'string') return this.#view.lackTruth(ledger)
    this.#truth = new TruthWatch({
      clock: systemClock,
      read: () => readLedger({ ...ledger, attempts: 1 }, runId),
      onTruth: (seconds, report) => this.#show(view => view.addTruth(seconds, deliveriesOf(report))),
      onProblem: problem => {
        // A target that is gone is told of otherwise.
        if (this.#lost() === undefined) this.note(`The ledger of the target cannot be read now: ${problem}`)
      },
    })
  }

  /** Returns what a run should call each second; undefined if there is no page. */
  get onSecond(): ((now: RunNow) => void) | undefined {
    if (this.#view === undefined) return undefined
    return now =>
      this.#show(view => {
        view.add(now)
        this.#startedAt = now.startedAt
        this.#lookAtTarget(view)
      })
  }

  /** Shows the warm-up. */
  update(progress: Progress): void {
    if (progress.phase === 'warmup') this.#show(view => view.warmUp(progress))
  }

  enter(phase: RunFeedPhase): void {
    this.#show(view => {
      view.enter(phase)
      // What came in the last second is not known yet.
      if (phase === 'reporting') this.#lookAtTarget(view)
    })
  }

  note(sentence: string): void {
    this.#show(view => view.note(sentence))
  }

  finish(result: RunResult, { reportPath }: PagedEnd): void {
    if (reportPath !== undefined) this.#server?.report(reportPath)
    this.#show(view => {
      const { word, sentence: detail } = headlineOf(result)
      view.finish(result, {
        word,
        detail,
        exitCode: result.exitCode,
        reconciliation: result.reconciliation.summary,
        // The first line is the verdict.
        summary: compactLines(result).slice(1),
        hasReport: reportPath !== undefined,
        ...(reportPath !== undefined && { reportPath }),
      })
    })
  }

  /**
   * Keeps the page open after the run: on a terminal until an interrupt, elsewhere until the last viewer has gone.
   * @param interrupted aborts when an interrupt came before the end of the run, which has ended the page as well
   */
  async hold(
    interrupts: Pick<Interrupts, 'takeOver'>,
    interrupted: AbortSignal,
    isTerminal = isWatched(process),
  ): Promise<void> {
    const { viewers } = this.#server ?? {}
    if (viewers === undefined || interrupted.aborted || (!isTerminal && viewers.count === 0)) return
    this.#server?.keepAlive()
    const over = new AbortController()
    interrupts.takeOver(() => over.abort())
    const until = isTerminal ? 'until you press Ctrl-C' : 'until its last viewer has left'
    process.stderr.write(`The page of this run stays open ${until}: ${this.#server?.address}\n`)
    await untilAborted(isTerminal ? new Promise<void>(() => {}) : viewers.gone(), over.signal)
  }

  close(): void {
    this.#server?.close()
  }

  #lookAtTarget(view: RunView): void {
    const lost = this.#lost()
    if (lost !== undefined) view.note(`The target is gone: ${lost}`)
    else if (this.#startedAt !== undefined) this.#truth?.look(this.#startedAt)
  }

  /** Changes what is shown, and sends that. A defect of the page ends the page, and not the run. */
  #show(change: (view: RunView) => void): void {
    if (this.#view === undefined || this.#isBroken) return
    try {
      change(this.#view)
      this.#server?.send()
    } catch (error) {
      this.#isBroken = true
      this.#server?.close()
      process.stderr.write(`Note: the page of this run has ended because of a defect of Loadcell: ${String(error)}\n`)
    }
  }
}

/** Tells whether a person is at the terminal, who can end what waits. */
function isWatched({ stdout, env }: NodeJS.Process): boolean {
  return stdout.isTTY && !isPipeline(env)
}
