import type { Plan } from '../plan/plan.ts'
import { changesOf, LoadCourse, type LoadChange } from '../load/load-course.ts'
import type { RunLoad } from '../load/run-load.ts'
import { scheduleEndMs } from '../load/steered-times.ts'
import type { Present } from '../metrics/interval.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import type { TimelinePoint } from './timeline.ts'
import type { ThresholdVerdict } from '../thresholds/threshold.ts'

const MOST_ERRORS_SHOWN = 10

/** State of a run under way: everything since its start, and its latest second. */
export type Progress = ReturnType<typeof progressOf>

/** The known part of a run under way. */
interface RunUnderWay {
  measurements: { snapshot: Snapshot }
  present: Pick<Present, 'streams' | 'sockets'>
  load: (name: string) => { users: number; isOver: boolean }
}

/** A worker, or the target, from which nothing has come for some seconds. */
export interface SilentPart {
  /** `worker 2` */
  from: string
  seconds: number
}

interface ProgressDetails {
  thresholds: ThresholdVerdict[]
  silent: readonly SilentPart[]
  /** Changes of the loads by live control; default: none. */
  changes?: readonly LoadChange[]
}

/** Returns the progress of a phase: of the warm-up or, once that is over, of the run. */
export function progressOf(
  phase: 'warmup' | 'running' | 'stopping',
  { plannedMs, loads }: Pick<Plan, 'plannedMs'> & { loads: readonly Pick<RunLoad, 'name' | 'startMs' | 'load'>[] },
  underWay: RunUnderWay,
  point: TimelinePoint,
  { thresholds, silent, changes = [] }: ProgressDetails,
) {
  const courses = new Map(loads.map(({ name }) => [name, new LoadCourse(changesOf(changes, name))]))
  const active = loads.filter(({ name }) => name === undefined || !underWay.load(name).isOver)
  const changed = active.flatMap(({ name: load }) => {
    const { isPaused, factor } = courses.get(load)!.legAt(point.atMs)
    return isPaused || factor !== 1 ? [{ load, isPaused, factor }] : []
  })
  const arePaused = active.length > 0 && changed.filter(({ isPaused }) => isPaused).length === active.length
  const shown: 'paused' | typeof phase = phase === 'running' && arePaused ? 'paused' : phase
  const { snapshot } = underWay.measurements
  const { streams, sockets } = underWay.present
  const response = snapshot.histogram('http_req_duration')
  return {
    phase: shown,
    /** Since the start of the phase. */
    elapsedMs: point.atMs,
    /** With the pauses so far. */
    plannedMs: changes.length === 0 ? plannedMs : scheduleEndMs(loads, changes, point.atMs),
    /** Loads that live control has paused or scaled; without a name where there is only one. */
    changed,
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
      delivered: snapshot.total('sse_events') + snapshot.total('ws_events') + snapshot.total('grpc_events'),
    },
    /** Loads that have names. */
    loads: loads.flatMap(({ name, startMs }) =>
      name === undefined
        ? []
        : [
            {
              load: name,
              ...underWay.load(name),
              startsInMs: Math.max(0, startMs - courses.get(name)!.positionAt(point.atMs)),
            },
          ],
    ),
    silent,
    thresholds,
    /** Most frequent first. */
    errors: snapshot.errors.rows().slice(0, MOST_ERRORS_SHOWN),
  }
}
