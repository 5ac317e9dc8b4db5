import type { Plan } from '../plan/plan.ts'
import { changesOf, Course, type LoadChange } from '../load/course.ts'
import type { RunLoad } from '../load/run-load.ts'
import { scheduleEndMs } from '../load/steered-times.ts'
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
    load: Pick<RunLoad, 'name' | 'startMs' | 'load'>
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
  changes: readonly LoadChange[] = [],
) {
  const courses = new Map(loads.map(({ load: { name } }) => [name, new Course(changesOf(changes, name))]))
  const active = loads.filter(({ execution: { tally } }) => tally.endedAt === undefined)
  const changed = active.flatMap(({ load: { name: load } }) => {
    const { isPaused, factor } = courses.get(load)!.legAt(point.atMs)
    return isPaused || factor !== 1 ? [{ load, isPaused, factor }] : []
  })
  const arePaused = active.length > 0 && changed.filter(({ isPaused }) => isPaused).length === active.length
  const shown: 'paused' | typeof phase = phase === 'running' && arePaused ? 'paused' : phase
  const response = snapshot.histogram('http_req_duration')
  return {
    phase: shown,
    /** Since the start of the phase. */
    elapsedMs: point.atMs,
    /** With the pauses so far. */
    plannedMs:
      changes.length === 0
        ? plannedMs
        : scheduleEndMs(
            loads.map(({ load }) => load),
            changes,
            point.atMs,
          ),
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
              startsInMs: Math.max(0, startMs - courses.get(name)!.positionAt(point.atMs)),
              isOver: tally.endedAt !== undefined,
            },
          ],
    ),
    thresholds,
    /** Most frequent first. */
    errors: snapshot.errors.rows().slice(0, MOST_ERRORS_SHOWN),
  }
}
