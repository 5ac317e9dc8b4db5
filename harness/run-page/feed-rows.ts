import type { RunFeedState, StreamFate } from '../../pages/run-feed.ts'
import { parseDuration } from '../../core/duration.ts'
import { failureReasons } from '../metrics/catalog.ts'
import type { ErrorRow } from '../metrics/error-table.ts'
import type { Mark } from '../metrics/observations.ts'
import type { Plan } from '../plan/plan.ts'
import type { StreamDeliveries } from '../results/ledger-findings.ts'
import type { RunResult } from '../results/run-result.ts'

const MOST_ERRORS = 20
const MOST_MARKS = 200
const MOST_PHASES = 200
const MOST_STREAMS = 50

export function feedErrorsOf(rows: readonly ErrorRow[]): Pick<RunFeedState, 'errors' | 'errorsNotShown'> {
  const errors = rows.slice(0, MOST_ERRORS).map(({ reason, status, name, count, lastMs, example }) => ({
    reason: failureReasons[reason],
    ...(status !== undefined && { status }),
    name,
    count,
    lastMs: Math.round(lastMs),
    example,
  }))
  return { errors, errorsNotShown: rows.length - errors.length }
}

export function feedMarksOf(marks: readonly Mark[]): RunFeedState['marks'] {
  return marks.slice(-MOST_MARKS).map(({ atMs, label, detail, source }) => ({
    atMs: Math.round(atMs),
    label,
    detail,
    isOfRun: source === 'live control',
  }))
}

/** Returns the phases of the timeline of the faults, as offsets from the start of the loads. */
export function phasesOf({ faults }: Plan, timelineAtMs: number | undefined): RunFeedState['phases'] {
  if (faults?.timeline === undefined || timelineAtMs === undefined) return []
  let toMs = timelineAtMs
  return faults.timeline.phases.slice(0, MOST_PHASES).map(({ name, duration }) => {
    const fromMs = toMs
    toMs += parseDuration(duration)
    return { name, fromMs, toMs }
  })
}

export function finalTotalsOf({ totals }: RunResult): Omit<RunFeedState['totals'], 'openStreams' | 'openSockets'> {
  const times = ({ p50Ms, p95Ms, p99Ms }: RunResult['totals']['response']) => ({ p50Ms, p95Ms, p99Ms })
  const { events } = totals
  return {
    requests: totals.requests,
    failed: totals.failedRequests,
    rateLimited: totals.rateLimited,
    iterations: totals.iterations,
    droppedIterations: totals.droppedIterations,
    interruptedIterations: totals.interruptedIterations,
    response: times(totals.response),
    service: times(totals.service),
    sendDelayP99Ms: totals.sendDelay.p99Ms,
    events: {
      published: events.published,
      delivered: events.delivered + totals.sockets.events,
      gaps: events.gaps,
      duplicates: events.duplicates,
      outOfOrder: events.outOfOrder,
      endToEnd: times(events.e2e),
    },
  }
}

export function streamFatesOf(deliveries: readonly StreamDeliveries[]): StreamFate[] {
  return deliveries.slice(0, MOST_STREAMS).map(account => {
    const { stream, offered, delivered, dropped, filtered, elsewhere, expired, unsent, unexplained } = account
    const droppedInAll = Object.values(dropped).reduce((sum, count) => sum + count, 0)
    const leftOut = filtered + elsewhere + expired
    return { stream, offered, delivered, dropped: droppedInAll, leftOut, unsent, unexplained }
  })
}
