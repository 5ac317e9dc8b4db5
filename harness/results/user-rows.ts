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

/** Returns a row for each kind of user, most requests first, each followed by its tasks. */
export function userRows(snapshot: Snapshot, durationMs: number): UserRow[] {
  const tags = counted.flatMap(metric => snapshot.select(metric).map(({ tags }) => tags))
  const tasksByUser = new Map<string, Set<string>>()
  for (const { user, task = '' } of tags) {
    if (user === undefined) continue
    let tasks = tasksByUser.get(user)
    if (tasks === undefined) tasksByUser.set(user, (tasks = new Set()))
    tasks.add(task)
  }
  return [...tasksByUser]
    .map(([user, tasks]) => ({
      whole: { ...rowOf(snapshot, { user }, durationMs), lost: lostOf(snapshot, user) },
      // A user that has no tasks would only be shown twice.
      tasks: [...tasks].some(task => task !== '') ? tasksOf(snapshot, user, [...tasks], durationMs) : [],
    }))
    .sort((a, b) => byRequests(a.whole, b.whole))
    .flatMap(({ whole, tasks }) => [whole, ...tasks])
}

function tasksOf(snapshot: Snapshot, user: string, tasks: readonly string[], durationMs: number): UserRow[] {
  return tasks
    .map(task => rowOf(snapshot, { user, task }, durationMs))
    .filter(({ requests, iterations }) => requests > 0 || iterations > 0)
    .sort(byRequests)
}

function rowOf(snapshot: Snapshot, selector: Pick<Tags, 'task'> & { user: string }, durationMs: number): UserRow {
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

function lostOf(snapshot: Snapshot, user: string): UserRow['lost'] {
  return {
    failed: snapshot.total('iterations_failed', { user }),
    interrupted: snapshot.total('iterations_interrupted', { user }),
    dropped: snapshot.total('dropped_iterations', { user }),
  }
}

function byRequests(a: UserRow, b: UserRow): number {
  return b.requests - a.requests || b.iterations - a.iterations || (nameOf(a) < nameOf(b) ? -1 : 1)
}

function nameOf({ user, task = '' }: UserRow): string {
  return `${user} ${task}`
}
