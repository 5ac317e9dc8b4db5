import { deliveriesOf } from '../calibration/ledger-findings.ts'
import { type LedgerClientOptions, readLedger } from '../calibration/ledger-client.ts'
import type { LedgerReport } from '../contract/ledger.ts'
import type { RunFeedDescription, RunFeedPhase, TruthSecond } from '../pages/run-feed.ts'
import { systemClock } from '../core/clock.ts'
import { untilAborted } from '../core/until-aborted.ts'
import type { RunControls } from '../harness/live-control/run-controls.ts'
import type { Plan } from '../harness/plan/plan.ts'
import { headlineOf } from '../harness/report/headline.ts'
import { compactLines } from '../harness/report/run-summary.ts'
import type { Progress } from '../harness/results/progress.ts'
import type { RunNow } from '../harness/results/run-now.ts'
import type { RunResult } from '../harness/results/run-result.ts'
import { RunPageServer } from '../harness/run-page/run-page-server.ts'
import { RunView } from '../harness/run-page/run-view.ts'
import { TruthWatch } from '../harness/run-page/truth-watch.ts'
import { InputError } from './input-error.ts'
import type { Interrupts } from './interrupts.ts'

/** Flags of `loadcell run` for its page. */
export interface LivePageFlags {
  ui?: true
  uiPort?: number
}

/** What a page needs to know of a run before it begins. */
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
export function expectPageFlags({ ui, uiPort }: LivePageFlags): void {
  if (uiPort !== undefined && !ui) throw new InputError('--ui-port is for --ui', 'Add --ui, or leave it out.')
}

/** The page of a run: nothing, unless `--ui` asks for it. Whatever goes wrong with it never changes the run. */
export class LivePage {
  static readonly none = new LivePage(undefined, undefined, () => undefined)
  readonly #view: RunView | undefined
  readonly #server: RunPageServer | undefined
  readonly #lost: () => string | undefined
  #truth: TruthWatch | undefined

  private constructor(view: RunView | undefined, server: RunPageServer | undefined, lost: () => string | undefined) {
    this.#view = view
    this.#server = server
    this.#lost = lost
  }

  /** @param tell prints a note. @throws InputError when nothing can listen at the port */
  static async open({ ui, uiPort = 0 }: LivePageFlags, paged: PagedRun, tell: (note: string) => void) {
    if (!ui) return LivePage.none
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
    return new LivePage(view, server, lost)
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
      onTruth: (seconds, report) => this.#addTruth(seconds, report),
      onProblem: problem => {
        // A target that is gone is told of otherwise.
        if (this.#lost() === undefined) this.note(`The ledger of the target cannot be read now: ${problem}`)
      },
    })
  }

  /** Returns what a run should call each second; undefined if there is no page. */
  get onSecond(): ((now: RunNow) => void) | undefined {
    const view = this.#view
    if (view === undefined) return undefined
    return now => {
      view.add(now)
      this.#noteLoss()
      this.#truth?.look(now.startedAt)
      this.#server?.send()
    }
  }

  /** Shows the warm-up. */
  update(progress: Progress): void {
    if (progress.phase !== 'warmup') return
    this.#view?.warmUp(progress)
    this.#server?.send()
  }

  enter(phase: RunFeedPhase): void {
    this.#view?.enter(phase)
    this.#server?.send()
  }

  note(sentence: string): void {
    this.#view?.note(sentence)
    this.#server?.send()
  }

  finish(result: RunResult, { reportPath }: PagedEnd): void {
    if (this.#view === undefined) return
    if (reportPath !== undefined) this.#server?.report(reportPath)
    const { word, sentence: detail } = headlineOf(result)
    this.#view.finish(result, {
      word,
      detail,
      exitCode: result.exitCode,
      reconciliation: result.reconciliation.summary,
      // The first line is the verdict.
      summary: compactLines(result).slice(1),
      hasReport: reportPath !== undefined,
      ...(reportPath !== undefined && { reportPath }),
    })
    this.#server?.send()
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
    const over = new AbortController()
    interrupts.takeOver(() => over.abort())
    const until = isTerminal ? 'until you press Ctrl-C' : 'until its last viewer has left'
    process.stderr.write(`The page of this run stays open ${until}: ${this.#server?.address}\n`)
    await untilAborted(isTerminal ? new Promise<void>(() => {}) : viewers.gone(), over.signal)
  }

  close(): void {
    this.#server?.close()
  }

  #noteLoss(): void {
    const lost = this.#lost()
    if (lost !== undefined) this.#view?.note(`The target is gone: ${lost}`)
  }

  #addTruth(seconds: TruthSecond[], report: LedgerReport): void {
    this.#view?.addTruth(seconds, deliveriesOf(report))
    this.#server?.send()
  }
}

/** Tells whether a person is at the terminal, who can end what waits. */
function isWatched({ stdout, env: { CI = '' } }: NodeJS.Process): boolean {
  return stdout.isTTY && ['', '0', 'false'].includes(CI)
}
