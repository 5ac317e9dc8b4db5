import { formatCount, formatShare } from '../../core/number-format.ts'
import type { RunResult } from '../results/run-result.ts'
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
    `${formatCount(Math.min(...requests))}–${formatCount(Math.max(...requests))} requests each`,
    `${formatShare(Math.min(...cpu))}–${formatShare(Math.max(...cpu))} of a core`,
    `at most ${formatMs(latest)} late`,
  ]
  const lost = workers.filter(row => row.lost !== undefined).map(row => lossOf(row, workers.length))
  return [together.join(' · '), ...lost].flatMap(line => wrapped(plain(line), width))
}
