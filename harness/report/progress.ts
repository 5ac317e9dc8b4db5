import { isPipeline } from '../../core/pipeline.ts'
import { formatCount } from '../../core/number-format.ts'
import type { Progress } from '../results/progress.ts'
import { createDashboard, hasRoomForDashboard, type Dashboard, painter } from './dashboard.ts'
import { changedTexts, loadTexts, phaseWords, silentTexts } from './progress-words.ts'
import { counted, formatMs, formatOffset, formatRate } from './quantity.ts'
import { RecentSeconds } from './recent-seconds.ts'

/** Shows the progress of a run. */
export interface ProgressView {
  update(progress: Progress): void
  /** Lets something be printed between two states. */
  aside(print: () => void): void
  /** Tells what goes on beside the loads, such as the setup of the scenario or a wait for the target. */
  stage(name: string): void
  /** Ends the view. Its last state stays on the screen. */
  done(): void
}

export interface ProgressOptions {
  quiet: boolean
  /** Variables of the environment: `NO_COLOR`, `CI` and `TERM=dumb` ask for plain lines. */
  environment?: NodeJS.ProcessEnv
}

/** Returns a view that repaints a dashboard on a terminal and writes a line now and then elsewhere; nothing if `quiet`. */
export function createProgress(
  out: NodeJS.WriteStream,
  { quiet, environment = process.env }: ProgressOptions,
): ProgressView {
  if (quiet) return { update() {}, aside: print => print(), stage() {}, done() {} }
  const lines = createLines(out)
  const recent = new RecentSeconds()
  const mayRepaint = !wantsLines(environment)
  if (mayRepaint && hasRoomForDashboard(out)) painter()
  let dashboard: Dashboard | undefined
  return {
    update(progress) {
      recent.add(progress)
      if (mayRepaint && hasRoomForDashboard(out)) {
        dashboard ??= createDashboard(out, recent)
        dashboard.update(progress)
      } else {
        dashboard?.done()
        dashboard = undefined
        lines.update(progress)
      }
    },
    aside(print) {
      dashboard?.done()
      dashboard = undefined
      print()
    },
    stage(name) {
      this.aside(() => out.write(`${name} …\n`))
    },
    done: () => dashboard?.done(),
  }
}

function wantsLines(environment: NodeJS.ProcessEnv): boolean {
  const { NO_COLOR = '', TERM } = environment
  return NO_COLOR !== '' || isPipeline(environment) || TERM === 'dumb'
}

const LINE_EVERY_MS = 5000

function createLines(out: NodeJS.WriteStream): Pick<ProgressView, 'update'> {
  let phase: Progress['phase'] | undefined
  let silent = 0
  let nextMs = 0
  return {
    update(progress) {
      // A worker or target that falls silent may be lost before the next line is due.
      const isNews = progress.phase !== phase || progress.silent.length > silent
      silent = progress.silent.length
      if (!isNews && progress.elapsedMs < nextMs) return
      phase = progress.phase
      nextMs = (Math.floor(progress.elapsedMs / LINE_EVERY_MS) + 1) * LINE_EVERY_MS
      out.write(`${progressLine(progress)}\n`)
    },
  }
}

/** Returns the content of the dashboard as a line for a log: `running 0:25/0:40 · 412 requests/s · p95 12.1 ms · …`. */
function progressLine(progress: Progress): string {
  const { phase, elapsedMs, plannedMs, point, totals, loads, thresholds, silent } = progress
  const broken = thresholds.filter(({ state }) => state === 'failed').length
  return [
    `${phaseWords[phase]} ${formatOffset(elapsedMs)}/${formatOffset(plannedMs)}`,
    `${formatRate(point.requestsPerSecond)} requests/s`,
    `p50 ${formatMs(totals.responseP50Ms)}, p95 ${formatMs(totals.responseP95Ms)}, p99 ${formatMs(totals.responseP99Ms)}`,
    counted(point.activeUsers, 'user'),
    ...changedTexts(progress),
    ...loadTexts(loads),
    ...(totals.openStreams > 0 ? [`${counted(totals.openStreams, 'stream')} open`] : []),
    ...(totals.openSockets > 0 ? [`${counted(totals.openSockets, 'socket')} open`] : []),
    ...(totals.published > 0 || totals.delivered > 0
      ? [`${formatCount(totals.published)} → ${formatCount(totals.delivered)} events`]
      : []),
    `${formatCount(totals.failed)} failed`,
    ...(totals.rateLimited > 0 ? [`${formatCount(totals.rateLimited)} × 429`] : []),
    ...silentTexts(silent),
    ...(broken > 0 ? [`${counted(broken, 'threshold')} failing`] : []),
  ].join(' · ')
}
