import type { MetricName, Tags } from '../metrics/catalog.ts'
import type { Snapshot } from '../metrics/snapshot.ts'
import type { UserRow } from './run-result.ts'
import { perSecond } from './totals.ts'
import { summarise } from './trend-summary.ts'

const counted: readonly MetricName[] = [
  'iterations',
  'iterations_failed',
  'iterations_interrupted',
  'dropped_iterations',
  'http_reqs',
]

/** Returns a row for each kind of user of each load, most requests first, each followed by its tasks. */
export function userRows(snapshot: Snapshot, durationMs: number): UserRow[] {
  const tags = counted.flatMap(metric => snapshot.select(metric).map(({ tags }) => tags))
  const kinds = new Map<string, { kind: KindTags; tasks: Set<string> }>()
  for (const { load, user, task = '' } of tags) {
    if (user === undefined) continue
    const key = JSON.stringify([load, user])
    let known = kinds.get(key)
    if (known === undefined)
      kinds.set(key, (known = { kind: { ...(load !== undefined && { load }), user }, tasks: new Set() }))
    known.tasks.add(task)
  }
  return [...kinds.values()]
    .map(({ kind, tasks }) => ({
      whole: { ...rowOf(snapshot, kind, durationMs), lost: lostOf(snapshot, kind) },
      // A user that has no tasks would only be shown twice.
      tasks: [...tasks].some(task => task !== '') ? tasksOf(snapshot, kind, [...tasks], durationMs) : [],
    }))
    .sort((a, b) => byRequests(a.whole, b.whole))
    .flatMap(({ whole, tasks }) => [whole, ...tasks])
}

/** Tags of a kind of user. */
export type KindTags = Pick<Tags, 'load'> & { user: string }

function tasksOf(snapshot: Snapshot, kind: KindTags, tasks: readonly string[], durationMs: number): UserRow[] {
  return tasks
    .map(task => rowOf(snapshot, { ...kind, task }, durationMs))
    .filter(({ requests, iterations }) => requests > 0 || iterations > 0)
    .sort(byRequests)
}

function rowOf(snapshot: Snapshot, selector: KindTags & Pick<Tags, 'task'>, durationMs: number): UserRow {
  const requests = snapshot.total('http_reqs', selector)
  return {
    ...selector,
    iterations: snapshot.total('iterations', selector),
    iteration: summarise(snapshot.histogram('iteration_duration', selector)),
    requests,
    requestsPerSecond: perSecond(requests, durationMs),
    failed: snapshot.hits('http_req_failed', selector),
    response: summarise(snapshot.histogram('http_req_duration', selector)),
  }
}

function lostOf(snapshot: Snapshot, kind: KindTags): UserRow['lost'] {
  return {
    failed: snapshot.total('iterations_failed', kind),
    interrupted: snapshot.total('iterations_interrupted', kind),
    dropped: snapshot.total('dropped_iterations', kind),
  }
}

function byRequests(a: UserRow, b: UserRow): number {
  return b.requests - a.requests || b.iterations - a.iterations || (nameOf(a) < nameOf(b) ? -1 : 1)
}

function nameOf({ load = '', user, task = '' }: UserRow): string {
  return `${load} ${user} ${task}`
}
