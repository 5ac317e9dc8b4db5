import type { Plan } from '../plan/plan.ts'
import type { RunLoad } from '../load/run-load.ts'
import type { Concurrency } from '../metrics/concurrency.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import type { TimelinePoint } from './timeline.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'

const MOST_ERRORS_SHOWN = 10

/** State of a run under way: everything since its start, and its latest second. */
export type Progress = ReturnType<typeof progressOf>

interface RunUnderWay {
  measurements: { snapshot: Snapshot }
  loads: readonly {
    load: Pick<RunLoad, 'name' | 'startMs'>
    execution: { tally: { users: Pick<Concurrency, 'now'>; endedAt: number | undefined } }
  }[]
  client: Record<'streams' | 'sockets', Pick<Concurrency, 'now'>>
}

/** Returns the progress of a phase: of the warm-up or, once that is over, of the run. */
export function progressOf(
  phase: 'warmup' | 'running' | 'stopping',
  { plannedMs }: Pick<Plan, 'plannedMs'>,
  { measurements: { snapshot }, loads, client: { streams, sockets } }: RunUnderWay,
  point: TimelinePoint,
  thresholds: ThresholdVerdict[],
) {
  const response = snapshot.histogram('http_req_duration')
  return {
    phase,
    /** Since the start of the phase. */
    elapsedMs: point.atMs,
    plannedMs,
    point,
    totals: {
      requests: snapshot.total('http_reqs'),
      failed: snapshot.hits('http_req_failed'),
      rateLimited: snapshot.hits('http_req_rate_limited'),
      responseP50Ms: response.percentile(50),
      responseP95Ms: response.percentile(95),
      responseP99Ms: response.percentile(99),
      openStreams: streams.now,
      openSockets: sockets.now,
      published: snapshot.total('events_published'),
      delivered: snapshot.total('sse_events') + snapshot.total('ws_events'),
    },
    /** Loads that have names. */
    loads: loads.flatMap(({ load: { name, startMs }, execution: { tally } }) =>
      name === undefined
        ? []
        : [
            {
              load: name,
              users: tally.users.now,
              startsInMs: Math.max(0, startMs - point.atMs),
              isOver: tally.endedAt !== undefined,
            },
          ],
    ),
    thresholds,
    /** Most frequent first. */
    errors: snapshot.errors.rows().slice(0, MOST_ERRORS_SHOWN),
  }
}
