import type * as LogUpdate from 'log-update'
import { formatCount } from '../../core/number-format.ts'
import { formatDuration } from '../../core/duration.ts'
import { lateModule } from '../../core/late-module.ts'
import { failureReasons } from '../metrics/catalog.ts'
import type { Progress } from '../results/progress.ts'
import { changedTexts, loadTexts, phaseWords, silentTexts } from './progress-words.ts'
import { counted, formatMs, formatPart, formatQuantity, formatRate } from './quantity.ts'
import type { RecentSeconds } from './recent-seconds.ts'
import { clipped, type Paint, paintFor, plain } from './terminal.ts'
import { mark } from './verdict-lines.ts'

/** A dashboard that is repainted in place. */
export interface Dashboard {
  update(progress: Progress): void
  done(): void
}

const WIDEST = 100
const NARROWEST = 40
/** Room for one failing threshold and one error. */
const LOWEST = 9

/**
 * Tells whether the dashboard fits. Some pseudo-terminals report a size of 0, and any terminal may become smaller during the run.
 */
export function hasRoomForDashboard({ isTTY, columns, rows }: NodeJS.WriteStream): boolean {
  return isTTY && columns >= NARROWEST && rows >= LOWEST
}

/** Loads the library that repaints. It takes some 40 ms, in which a run could send nothing, so it is loaded before there is load. */
export const painter = lateModule<typeof LogUpdate>('log-update')

/** @param recent seconds of the run until now. The caller adds to them. */
export function createDashboard(out: NodeJS.WriteStream, recent: RecentSeconds): Dashboard {
  const repaint = painter().createLogUpdate(out)
  const paint = paintFor(out)
  return {
    update: progress =>
      // The last row is for the cursor. Rows that do not fit would push the others off the screen.
      repaint(
        dashboardLines(progress, { recent, paint, width: Math.min(out.columns, WIDEST) })
          .slice(0, out.rows - 1)
          .join('\n'),
      ),
    done: () => repaint.done(),
  }
}

const BAR_WIDTH = 32
const MOST_ERRORS = 3
const LABEL_WIDTH = 12
const NARROWEST_CHART = 8
const WIDEST_CHART = 30

interface DashboardOptions {
  recent: RecentSeconds
  paint: Paint
  width: number
}

function dashboardLines(progress: Progress, { recent, paint, width }: DashboardOptions): string[] {
  const { phase, elapsedMs, plannedMs, point, totals, loads, errors, silent } = progress
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
  const figures = {
    requests: `${formatRate(point.requestsPerSecond)} a second · ${formatCount(totals.requests)} so far · ${failed}${limited}`,
    response: `p50 ${formatMs(totals.responseP50Ms)}   p95 ${formatMs(totals.responseP95Ms)}   p99 ${formatMs(totals.responseP99Ms)}`,
    users: `${formatCount(point.activeUsers)} active · ${counted(totals.openStreams, 'stream')} and ${counted(totals.openSockets, 'socket')} open`,
  }
  // All charts are equally wide, so that their seconds stand below each other.
  const textWidth = Math.max(...Object.values(figures).map(text => text.length))
  const chartWidth = Math.min(WIDEST_CHART, room - textWidth - 2)
  const charted = (name: keyof typeof figures) => {
    const text = figures[name]
    if (chartWidth < NARROWEST_CHART) return line(name, text)
    return `${label(name)}${text.padEnd(textWidth)}  ${recent.bars(name, chartWidth)}`.trimEnd()
  }
  return [
    `${paint('bold', phaseWords[phase].padEnd(LABEL_WIDTH))}${bar}  ${formatDuration(elapsedMs)} of ${formatDuration(plannedMs)}`,
    charted('requests'),
    charted('response'),
    charted('users'),
    ...(changed.length === 0 ? [] : [line('control', changed.join(' · '))]),
    ...(loads.length < 2 ? [] : [line('loads', loadTexts(loads).join(' · '))]),
    ...(silent.length === 0 ? [] : [line('silence', silentTexts(silent).join(' · '))]),
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
