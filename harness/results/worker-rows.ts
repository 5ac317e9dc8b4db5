import type { CompactHistogram } from '../../core/compact-histogram.ts'
import { isOpen, peakOf } from '../load/plan.ts'
import type { RunLoad } from '../load/run-load.ts'
import { sizeOf } from '../metrics/interval.ts'
import { arrivalsOf } from '../plan/useful-workers.ts'

/** One of the workers of a run with several. */
export interface WorkerRow {
  /** From 1. */
  worker: number
  /** The name that it has in its cluster. */
  name?: string
  /** Where it is, if it says so. */
  place?: string
  /** Its clock, compared with that of the coordinator by round trips: positive if it is ahead. Its start is corrected by that. */
  clock?: { offsetMs: number; uncertaintyMs: number }
  /** Absent, as are the next three, if it never reported. */
  host?: string
  pid?: number
  cores?: number
  node?: string
  requests: number
  iterations: number
  /** CPU time as a share of one core, on average. */
  cpu: number
  /** Lateness of its event loop in its worst second. */
  eventLoopDelayP99Ms: number
  /** Lateness of its requests. */
  sendDelayP99Ms: number
  /** Measurements of about a second each that it sent, but that never came; absent without any. */
  missingIntervals?: number
  /** Absent if it stayed to the end. */
  lost?: WorkerLoss
}

export interface WorkerLoss {
  /** End of what it had reported, as an offset from the start of the run. Everything until then counts. */
  atMs: number
  /** "its process ended with SIGKILL" */
  detail: string
  /** Users of closed models that it had at most. */
  users: number
  /** Arrivals of open models that it had not begun. */
  arrivals: number
  /** Part of the planned load of the whole run that was lost with it. */
  share: number
}

/** The coordinator’s knowledge of a worker. */
export interface WorkerEvidence {
  index: number
  recruit?: { name?: string | undefined }
  place?: { host: string; pid: number; cores: number; node: string; place?: string } | undefined
  clockOffsetMs?: number
  /** Absent if its clock was not compared. */
  clockUncertaintyMs?: number | undefined
  requests: number
  iterations: number
  offered: number
  cpu: number
  worstLoopDelayMs: number
  sendDelay: CompactHistogram
  missing: number
  lost?: { atMs: number; detail: string } | undefined
}

/** Returns a row for each worker. @param planned the loads of the whole run, and how long they last */
export function workerRows(
  workers: readonly WorkerEvidence[],
  planned: { loads: readonly RunLoad[]; plannedMs: number },
): WorkerRow[] {
  return workers.map(worker => {
    const { clockOffsetMs = 0, clockUncertaintyMs: uncertaintyMs } = worker
    const { index, place, requests, iterations, cpu, worstLoopDelayMs, sendDelay, missing, lost } = worker
    return {
      worker: index + 1,
      ...(worker.recruit?.name !== undefined && { name: worker.recruit.name }),
      ...(place?.place !== undefined && { place: place.place }),
      ...(uncertaintyMs !== undefined && { clock: { offsetMs: clockOffsetMs, uncertaintyMs } }),
      ...(place && { host: place.host, pid: place.pid, cores: place.cores, node: place.node }),
      requests,
      iterations,
      cpu,
      eventLoopDelayP99Ms: worstLoopDelayMs,
      sendDelayP99Ms: sendDelay.percentile(99),
      ...(missing > 0 && { missingIntervals: missing }),
      ...(lost && { lost: { ...lost, ...lostPart(worker, lost.atMs, workers.length, planned) } }),
    }
  })
}

function lostPart(
  { index, offered }: WorkerEvidence,
  atMs: number,
  of: number,
  { loads, plannedMs }: { loads: readonly RunLoad[]; plannedMs: number },
): Pick<WorkerLoss, 'users' | 'arrivals' | 'share'> {
  const share = { index, of }
  const [users, arrivals] = loads.reduce(
    ([users, arrivals], { load }) =>
      isOpen(load)
        ? [users, arrivals + sizeOf(share, arrivalsOf(load))]
        : [users + sizeOf(share, peakOf(load)), arrivals],
    [0, 0] as [number, number],
  )
  const left = plannedMs > 0 ? Math.min(1, Math.max(0, 1 - atMs / plannedMs)) : 1
  return { users, arrivals: Math.max(0, arrivals - offered), share: left / of }
}
