import type { Plan } from '../plan/plan.ts'
import type { RunLoad } from '../load/run-load.ts'
import type { Present } from '../metrics/interval.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import type { TimelinePoint } from './timeline.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'

const MOST_ERRORS_SHOWN = 10

/** State of a run under way: everything since its start, and its latest second. */
export type Progress = ReturnType<typeof progressOf>

/** What is known of a run under way. */
interface RunUnderWay {
  measurements: { snapshot: Snapshot }
  present: Pick<Present, 'streams' | 'sockets'>
  load: (name: string) => { users: number; isOver: boolean }
}

/** A worker from which nothing has come for some seconds. */
export interface SilentWorker {
  worker: number
  seconds: number
}

/** Returns the progress of a phase: of the warm-up or, once that is over, of the run. */
export function progressOf(
  phase: 'warmup' | 'running' | 'stopping',
  { plannedMs, loads }: Pick<Plan, 'plannedMs'> & { loads: readonly Pick<RunLoad, 'name' | 'startMs'>[] },
  underWay: RunUnderWay,
  point: TimelinePoint,
  { thresholds, silent }: { thresholds: ThresholdVerdict[]; silent: readonly SilentWorker[] },
) {
  const { snapshot } = underWay.measurements
  const { streams, sockets } = underWay.present
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
      openStreams: streams,
      openSockets: sockets,
      published: snapshot.total('events_published'),
      delivered: snapshot.total('sse_events') + snapshot.total('ws_events'),
    },
    /** Loads that have names. */
    loads: loads.flatMap(({ name, startMs }) =>
      name === undefined ? [] : [{ load: name, ...underWay.load(name), startsInMs: Math.max(0, startMs - point.atMs) }],
    ),
    silent,
    thresholds,
    /** Most frequent first. */
    errors: snapshot.errors.rows().slice(0, MOST_ERRORS_SHOWN),
  }
}
