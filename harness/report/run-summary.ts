import { formatDuration } from '../../core/duration.ts'
import { formatCount } from '../../core/number-format.ts'
import type { LoadRow } from '../results/load-rows.ts'
import type { PlaceRow } from '../results/place-rows.ts'
import type { RunResult } from '../results/run-result.ts'
import { type Headline, headlineOf } from './headline.ts'
import { formatPart, formatPercentiles, formatRate } from './quantity.ts'
import { plain } from './terminal.ts'

/** The summary of a run for programs: `result.json` without what is long. */
export interface RunSummary {
  format: 'loadcell.summary/1'
  verdict: Headline['word']
  /** The reason for the verdict in a sentence or two. */
  sentence: string
  exitCode: number
  run: RunResult['run']
  outcome: RunResult['outcome']
  validity: RunResult['validity']
  /** Whether harness and ledger agree, without the rows. */
  reconciliation: Pick<RunResult['reconciliation'], 'state' | 'summary'>
  thresholds: RunResult['thresholds']
  totals: RunResult['totals']
  /** Loads of a scenario with several, without their course over time; absent in others. */
  loads?: Omit<LoadRow, 'overTime'>[]
  /** Workers of a run with several; absent in others. */
  workers?: RunResult['workers']
  /** Places of the workers; absent in a run without places. */
  places?: PlaceRow[]
  /** Changes by live control; absent without any. */
  liveControl?: RunResult['liveControl']
  /** The resource that reached its limit first. */
  saturation: RunResult['server']['saturation']
  checks: RunResult['checks']
  errors: RunResult['errors']
  /** Path of the page; absent if it could not be written. */
  report?: string
}

/** @param report path of the page, if it is written */
export function runSummary(result: RunResult, report: string | undefined): RunSummary {
  const { word: verdict, sentence } = headlineOf(result)
  const { exitCode, run, outcome, validity, reconciliation, thresholds, totals, checks, errors } = result
  const { state, summary } = reconciliation
  return {
    format: 'loadcell.summary/1',
    verdict,
    sentence,
    exitCode,
    run,
    outcome,
    validity,
    reconciliation: { state, summary },
    thresholds,
    totals,
    ...(result.loads && { loads: result.loads.map(withoutCourse) }),
    ...(result.workers && { workers: result.workers }),
    ...(result.places && { places: result.places }),
    ...(result.liveControl && { liveControl: result.liveControl }),
    saturation: result.server.saturation,
    checks,
    errors,
    ...(report !== undefined && { report }),
  }
}

function withoutCourse({ overTime: _overTime, ...row }: LoadRow): Omit<LoadRow, 'overTime'> {
  return row
}

/** Returns the verdict and the most important numbers, a line each. */
export function compactLines(result: RunResult): string[] {
  const { word, sentence } = headlineOf(result)
  const { run, totals, thresholds } = result
  const { requests, requestsPerSecond, failedRequests, response } = totals
  const passed = thresholds.filter(({ state }) => state === 'passed').length
  const figures = [
    `${plain(run.scenario)} ${formatDuration(Math.round(run.durationMs))}`,
    `${formatCount(requests)} requests`,
    `${formatRate(requestsPerSecond)} a second`,
    failedRequests === 0 ? 'none failed' : `${formatPart(failedRequests, requests)} failed`,
    ...formatPercentiles(response),
    thresholds.length === 0 ? 'no thresholds' : `${passed} of ${thresholds.length} thresholds passed`,
  ]
  return [`${word.padEnd(12)}${plain(sentence)}`, `${' '.repeat(12)}${figures.join(' · ')}`]
}
