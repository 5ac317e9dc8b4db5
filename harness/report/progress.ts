import { createLogUpdate } from 'log-update'
import { failureReasons } from '../metrics/catalog.ts'
import { formatDuration } from '../../core/duration.ts'
import type { Progress } from '../results/progress.ts'
import { counted, formatMs, formatOffset, formatPart, formatQuantity, formatRate } from './quantity.ts'
import { formatCount, formatNumber } from '../../core/number-format.ts'
import { mark } from './verdict-lines.ts'
import { clipped, type Paint, paintFor, plain } from './terminal.ts'

/** Shows the progress of a run. */
export interface ProgressView {
  update(progress: Progress): void
  /** Lets something be printed between two states. */
  aside(print: () => void): void
  /** Tells that the setup or the teardown of the scenario has begun. */
  stage(name: 'setup' | 'teardown'): void
  /** Ends the view. Its last state stays on the screen. */
  done(): void
}

/** Returns a view that repaints a panel on a terminal and writes a line now and then elsewhere; nothing if `quiet`. */
export function createProgress(out: NodeJS.WriteStream, { quiet }: { quiet: boolean }): ProgressView {
  if (quiet) return { update() {}, aside: print => print(), stage() {}, done() {} }
  const lines = createLines(out)
  let panel: PanelView | undefined
  return {
    update(progress) {
      if (hasRoomForPanel(out)) {
        panel ??= createPanel(out)
        panel.update(progress)
      } else {
        panel?.done()
        panel = undefined
        lines.update(progress)
      }
    },
    aside(print) {
      panel?.done()
      panel = undefined
      print()
    },
    stage(name) {
      this.aside(() => out.write(`${name} …\n`))
    },
    done: () => panel?.done(),
  }
}

type PanelView = Pick<ProgressView, 'update' | 'done'>

const WIDEST = 100
const NARROWEST = 40
/** Room for one failing threshold and one error. */
const LOWEST = 9

/**
 * Tells whether the panel fits. Some pseudo-terminals report a size of 0, and any terminal may become smaller during the run.
 */
function hasRoomForPanel({ isTTY, columns, rows }: NodeJS.WriteStream): boolean {
  return isTTY && columns >= NARROWEST && rows >= LOWEST
}

function createPanel(out: NodeJS.WriteStream): PanelView {
  const repaint = createLogUpdate(out)
  const paint = paintFor(out)
  return {
    update: progress =>
      // The last row is for the cursor. Rows that do not fit would push the others off the screen.
      repaint(
        panelLines(progress, paint, Math.min(out.columns, WIDEST))
          .slice(0, out.rows - 1)
          .join('\n'),
      ),
    done: () => repaint.done(),
  }
}

const LINE_EVERY_MS = 5000

function createLines(out: NodeJS.WriteStream): Pick<ProgressView, 'update'> {
  let phase: Progress['phase'] | undefined
  let nextMs = 0
  return {
    update(progress) {
      if (progress.phase === phase && progress.elapsedMs < nextMs) return
      phase = progress.phase
      nextMs = (Math.floor(progress.elapsedMs / LINE_EVERY_MS) + 1) * LINE_EVERY_MS
      out.write(`${progressLine(progress)}\n`)
    },
  }
}

const phases = { warmup: 'warming up', running: 'running', paused: 'paused', stopping: 'stopping' }

/** Returns the content of the panel as a line for a log: `running 0:25/0:40 · 412 requests/s · p95 12.1 ms · …`. */
function progressLine(progress: Progress): string {
  const { phase, elapsedMs, plannedMs, point, totals, loads, thresholds } = progress
  const broken = thresholds.filter(({ state }) => state === 'failed').length
  return [
    `${phases[phase]} ${formatOffset(elapsedMs)}/${formatOffset(plannedMs)}`,
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
    ...(broken > 0 ? [`${counted(broken, 'threshold')} failing`] : []),
  ].join(' · ')
}

/** Returns what live control has changed: `scaled to 2 × the plan`, `sale paused`. */
function changedTexts({ changed, phase }: Pick<Progress, 'changed' | 'phase'>): string[] {
  return changed.flatMap(({ load, isPaused, factor }) => {
    const name = load === undefined ? '' : `${load} `
    return [
      ...(isPaused && phase !== 'paused' ? [`${name}paused`] : []),
      ...(factor === 1 ? [] : [`${name}scaled to ${formatNumber(factor)} × the plan`]),
    ]
  })
}

/** Returns the state of each load, where there are several: `browse 12 users`, `sale in 20s`, `setup over`. */
function loadTexts(loads: Progress['loads']): string[] {
  if (loads.length < 2) return []
  return loads.map(({ load, users, startsInMs, isOver }) => {
    if (isOver) return `${load} over`
    return startsInMs > 0 ? `${load} in ${formatDuration(Math.round(startsInMs))}` : `${load} ${counted(users, 'user')}`
  })
}

const BAR_WIDTH = 32
const MOST_ERRORS = 3
const LABEL_WIDTH = 12

function panelLines(progress: Progress, paint: Paint, width: number): string[] {
  const { phase, elapsedMs, plannedMs, point, totals, loads, errors } = progress
  const changed = changedTexts(progress)
  const label = (name: string) => paint('dim', name.padEnd(LABEL_WIDTH))
  const room = width - LABEL_WIDTH
  const line = (name: string, text: string) => `${label(name)}${clipped(text, room)}`
  const share = plannedMs > 0 ? Math.min(1, elapsedMs / plannedMs) : 1
  const filled = Math.round(share * BAR_WIDTH)
  const bar = `${'━'.repeat(filled)}${paint('dim', '─'.repeat(BAR_WIDTH - filled))}`
  const failed =
    totals.failed === 0
      ? 'none failed'
      : `${formatCount(totals.failed)} failed (${formatPart(totals.failed, totals.requests)})`
  const limited = totals.rateLimited === 0 ? '' : ` · ${formatCount(totals.rateLimited)} × 429`
  return [
    `${paint('bold', phases[phase].padEnd(LABEL_WIDTH))}${bar}  ${formatDuration(elapsedMs)} of ${formatDuration(plannedMs)}`,
    line(
      'requests',
      `${formatRate(point.requestsPerSecond)} a second · ${formatCount(totals.requests)} so far · ${failed}${limited}`,
    ),
    line(
      'response',
      `p50 ${formatMs(totals.responseP50Ms)}   p95 ${formatMs(totals.responseP95Ms)}   p99 ${formatMs(totals.responseP99Ms)}`,
    ),
    line(
      'users',
      `${formatCount(point.activeUsers)} active · ${counted(totals.openStreams, 'stream')} and ${counted(totals.openSockets, 'socket')} open`,
    ),
    ...(changed.length === 0 ? [] : [line('control', changed.join(' · '))]),
    ...(loads.length < 2 ? [] : [line('loads', loadTexts(loads).join(' · '))]),
    line('events', `${formatCount(totals.published)} published → ${formatCount(totals.delivered)} delivered`),
    ...thresholdLines(progress, label, room, paint),
    ...errors
      .slice(0, MOST_ERRORS)
      .map(({ reason, status, name, count }, index) =>
        line(
          index === 0 ? 'errors' : '',
          `${formatCount(count)} × ${failureReasons[reason]}${status === undefined ? '' : ` ${status}`} · ${plain(name)}`,
        ),
      ),
  ]
}

/** Names the thresholds that fail so far, and counts those that hold and those without data. */
function thresholdLines(
  { thresholds }: Progress,
  label: (name: string) => string,
  room: number,
  paint: Paint,
): string[] {
  if (thresholds.length === 0) return []
  const count = (wanted: string) => thresholds.filter(({ state }) => state === wanted).length
  const waiting = count('no-data')
  return [
    `${label('thresholds')}${mark('passed', paint)} ${count('passed')} of ${thresholds.length} hold so far${waiting > 0 ? `, ${waiting} without data yet` : ''}`,
    ...thresholds
      .filter(({ state }) => state === 'failed')
      .map(({ metric, expression, observed, unit, state }) => {
        const came = observed === undefined ? '' : ` is ${formatQuantity(observed, unit)}`
        return `${label('')}${mark(state, paint)} ${clipped(plain(`${metric} ${expression}${came}`), room - 2)}`
      }),
  ]
}
