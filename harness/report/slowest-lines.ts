import type { RunResult, TracedRequest } from '../results/run-result.ts'
import { formatMs, formatOffset } from './quantity.ts'
import { clipped, plain } from './terminal.ts'

const MOST_SHOWN = 3

/** Returns two lines for each of the slowest requests: its trace with its times at both ends, and what it was. */
export function slowestLines({ slowest = [] }: RunResult, width: number): string[] {
  return slowest
    .slice(0, MOST_SHOWN)
    .flatMap(request => [
      clipped(`${request.trace}  ${timesOf(request)}`, width),
      clipped(
        `  ${statusOf(request)} · ${formatOffset(request.dueMs)} · ${plain(`${request.method} ${request.name}`)}`,
        width,
      ),
    ])
}

/** Returns the response time, and how much of it the target took. */
function timesOf({ responseMs, target }: TracedRequest): string {
  return `${formatMs(responseMs)}${target === undefined ? '' : `, target ${formatMs(target.lastByteMs)}`}`
}

function statusOf({ status }: TracedRequest): string {
  return status === 0 ? 'no answer' : String(status)
}
