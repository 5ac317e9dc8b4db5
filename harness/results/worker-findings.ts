import { formatDuration } from '../../core/duration.ts'
import { formatCount, formatShare } from '../../core/number-format.ts'
import type { GeneratorReading } from '../metrics/generator-monitor.ts'
import type { Second } from '../metrics/measurements.ts'
import type { ValidityFinding } from './run-result.ts'
import { secondsOf } from './standstill.ts'
import type { WorkerRow } from './worker-rows.ts'

/** Largest part of the planned load that may be lost with workers. */
const MOST_LOST_SHARE = 0.01
/** Limits of a good second of one worker, and of bad seconds, as for the whole generator. */
export interface WorkerLimits {
  mostCpu: number
  mostEventLoopDelayMs: number
  fewestBadSeconds: number
  mostBadShare: number
}

/** Returns the findings about the workers of a run with several. Pure. */
export function workerFindings(
  rows: readonly WorkerRow[],
  seconds: readonly Pick<Second, 'workers'>[],
  limits: WorkerLimits,
): ValidityFinding[] {
  return rows.length === 0 ? [] : [lossFinding(rows), paceFinding(rows, seconds, limits)]
}

function lossFinding(rows: readonly WorkerRow[]): ValidityFinding {
  const lost = rows.filter(row => row.lost !== undefined)
  const incomplete = rows.filter(({ missingIntervals = 0 }) => missingIntervals > 0)
  const share = rows.reduce((sum, { lost }) => sum + (lost?.share ?? 0), 0)
  const observed = [
    ...lost.map(row => lossOf(row, rows.length)),
    ...incomplete.map(({ worker, missingIntervals = 0 }) => `${missingIntervals} s of worker ${worker} never came`),
  ]
  return {
    question: 'Did every worker stay to the end?',
    cause: 'workers',
    state: share > MOST_LOST_SHARE || incomplete.length > 0 ? 'doubtful' : 'ok',
    observed: observed.length === 0 ? `all ${rows.length} did` : observed.join('; '),
    limit: `at most ${formatShare(MOST_LOST_SHARE)} of the planned load lost`,
    advice:
      'The load was lower than planned from then on. Look at the machine of the worker, for example for a lack of memory, and run again.',
  }
}

/** Returns what was lost with a worker, in words. */
export function lossOf({ worker, name, lost }: WorkerRow, of: number): string {
  if (lost === undefined) return ''
  const part = [
    ...(lost.users > 0 ? [`${formatCount(lost.users)} users`] : []),
    ...(lost.arrivals > 0 ? [`${formatCount(lost.arrivals)} arrivals`] : []),
  ]
  const when = `counts until ${formatDuration(Math.round(lost.atMs))}`
  const what = part.length === 0 ? '' : `, with ${part.join(' and ')}`
  return `worker ${worker} of ${of}${name === undefined ? '' : ` (${name})`} was lost${what}, and ${when}: ${lost.detail}`
}

function paceFinding(
  rows: readonly WorkerRow[],
  seconds: readonly Pick<Second, 'workers'>[],
  { mostCpu, mostEventLoopDelayMs, fewestBadSeconds, mostBadShare }: WorkerLimits,
): ValidityFinding {
  const late = rows.flatMap(({ worker }) => {
    const readings = seconds.flatMap(({ workers }) => workers.get(worker - 1)?.generator ?? [])
    const all = lengthOf(readings)
    const bad = lengthOf(
      readings.filter(({ cpu, eventLoopDelayP99Ms }) => cpu > mostCpu || eventLoopDelayP99Ms > mostEventLoopDelayMs),
    )
    const isOften = bad >= fewestBadSeconds && bad > mostBadShare * all
    return isOften ? [`worker ${worker} did not in ${bad} of ${all} seconds`] : []
  })
  return {
    question: 'Did every worker keep up?',
    cause: 'pace',
    state: late.length > 0 ? 'doubtful' : 'ok',
    observed: late.length > 0 ? late.join('; ') : `all ${rows.length} did`,
    limit: `at most ${formatShare(mostCpu)} of one core, and an event loop at most ${mostEventLoopDelayMs} ms late`,
    advice: 'Some workers had too little of the processor. Use fewer workers than cores, or another machine for some.',
  }
}

function lengthOf(readings: readonly GeneratorReading[]): number {
  return readings.reduce((sum, { eventLoopDelayP99Ms }) => sum + secondsOf(eventLoopDelayP99Ms), 0)
}
