import { formatDuration } from '../../core/duration.ts'
import { formatCount } from '../../core/number-format.ts'
import { failureReasons } from '../metrics/catalog.ts'
import type { StageReport } from '../results/stage-report.ts'
import { counted } from './quantity.ts'
import { plain, wrapped } from './terminal.ts'

/** Returns how a setup or teardown went: why it failed, its requests, and what went wrong with them. */
export function stageText({ detail, durationMs, requests, failedRequests, errors }: StageReport): string {
  const failed = failedRequests === 0 ? '' : `, ${formatCount(failedRequests)} failed`
  const done = `${counted(requests, 'request')}${failed} in ${formatDuration(Math.round(durationMs))}`
  const [worst] = errors
  const why =
    worst === undefined ? '' : ` · ${failureReasons[worst.reason]}${worst.example === '' ? '' : `: ${worst.example}`}`
  return detail === '' ? `${done}${why}` : `${detail} ${done}${why}`
}

export function stageLines(report: StageReport | undefined, width: number): string[] {
  return report === undefined ? [] : wrapped(plain(stageText(report)), width)
}
