import { formatCount, formatShare } from '../../core/number-format.ts'
import { formatDuration } from '../../core/duration.ts'
import type { RunResult } from '../results/run-result.ts'
import type { WorkerRow } from '../results/worker-rows.ts'
import { lossOf } from '../results/worker-findings.ts'
import { formatMs } from './quantity.ts'
import { plain, wrapped } from './terminal.ts'

/** Returns the lines about the workers of a run with several: what they did together, and each one that was lost. */
export function workerLines({ workers = [] }: Pick<RunResult, 'workers'>, width: number): string[] {
  if (workers.length === 0) return []
  const requests = workers.map(row => row.requests)
  const cpu = workers.map(row => row.cpu)
  const latest = Math.max(...workers.map(row => row.eventLoopDelayP99Ms))
  const hosts = new Set(workers.flatMap(({ host }) => host ?? []))
  const where = hosts.size > 1 ? ` on ${hosts.size} machines` : ''
  const together = [
    `${workers.length}${where}`,
    `${range(requests, formatCount)} requests each`,
    `${range(cpu, formatShare)} of a core`,
    `at most ${formatMs(latest)} late`,
  ]
  const clocks = workers.flatMap(clockLine)
  const lost = workers.filter(row => row.lost !== undefined).map(row => lossOf(row, workers.length))
  return [together.join(' · '), ...clocks, ...lost].flatMap(line => wrapped(plain(line), width))
}

/** Returns `60–90`, or `75` when all are the same. */
function range(values: number[], format: (value: number) => string): string {
  return [...new Set([format(Math.min(...values)), format(Math.max(...values))])].join('–')
}

/** Clocks that differ by less are in order: it is what machines that ask a time server show. */
const NOTABLE_OFFSET_MS = 500

function clockLine({ worker, name = `worker ${worker}`, clock }: WorkerRow): string[] {
  if (clock === undefined || Math.abs(clock.offsetMs) < NOTABLE_OFFSET_MS) return []
  const difference = formatDuration(Math.round(Math.abs(clock.offsetMs)))
  return [`the clock of ${name} is ${difference} ${clock.offsetMs > 0 ? 'ahead' : 'behind'}; its start was corrected`]
}
