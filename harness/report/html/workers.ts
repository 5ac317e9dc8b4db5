import { formatDuration } from '../../../core/duration.ts'
import { formatCount, formatShare } from '../../../core/number-format.ts'
import type { RunResult } from '../../results/run-result.ts'
import type { WorkerRow } from '../../results/worker-rows.ts'
import { formatMs } from '../quantity.ts'
import { html, type Markup } from './markup.ts'
import { type Column, section, sortable, table } from './table.ts'

/** The part of the page about the workers of a run with several; nothing in other runs. */
export function workers({ workers: rows = [] }: RunResult): Markup | undefined {
  if (rows.length === 0) return undefined
  const columns: Column<WorkerRow>[] = [
    sortable('Worker', ({ worker }) => worker),
    {
      title: 'State',
      cell: ({ lost }) =>
        lost === undefined ? html`<span class="state passed">✓</span>` : html`<span class="state failed">✗ lost</span>`,
      order: ({ lost }) => (lost === undefined ? 0 : 1),
    },
    {
      title: 'Place',
      kind: 'name',
      cell: placeText,
      order: ({ host = '', pid = 0 }) => `${host} ${pid}`,
    },
    { title: 'Clock', cell: ({ clock }) => clockText(clock), order: ({ clock }) => clock?.offsetMs ?? 0 },
    sortable('Cores', ({ cores = 0 }) => cores),
    sortable('CPU', ({ cpu }) => cpu, formatShare),
    sortable('Event loop late', ({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms, formatMs),
    sortable('Sent late, p99', ({ sendDelayP99Ms }) => sendDelayP99Ms, formatMs),
    sortable('Iterations', ({ iterations }) => iterations),
    sortable('Requests', ({ requests }) => requests),
    { title: 'Lost', kind: 'prose', cell: ({ lost, missingIntervals }) => lossText(lost, missingIntervals) },
  ]
  return section(
    'workers',
    'Workers',
    html`<p>Each worker ran its share of the users and arrivals. CPU is that of one core on average, and the event loop is that of the worst second. Clocks are compared with that of the coordinator, and starts are corrected by the difference.</p>\n`,
    table('The workers, and what each of them did', columns, rows),
  )
}

function placeText({ name, place, host, pid }: WorkerRow): string {
  const named = [name, place].filter(each => each !== undefined).join(' in ')
  const there = host === undefined ? 'never reported' : `${host}, process ${pid}`
  return named === '' ? there : `${named}: ${there}`
}

function clockText(clock: WorkerRow['clock']): string {
  if (clock === undefined) return '–'
  const { offsetMs, uncertaintyMs } = clock
  return `${offsetMs < 0 ? '−' : '+'}${formatMs(Math.abs(offsetMs))} ± ${formatMs(uncertaintyMs)}`
}

function lossText(lost: WorkerRow['lost'], missing = 0): string {
  const never = missing > 0 ? [`${missing} s of its measurements never came`] : []
  if (lost === undefined) return never.join('')
  const { atMs, detail, users, arrivals } = lost
  const counts = `counts until ${formatDuration(Math.round(atMs))}: ${detail}`
  const gone = `${formatCount(users)} users and ${formatCount(arrivals)} arrivals lost`
  return [counts, gone, ...never].join('; ')
}
