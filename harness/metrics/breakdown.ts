import { CompactHistogram } from '../../core/compact-histogram.ts'
import type { Histogram } from '../../core/histogram.ts'
import type { FailureReason, Tags } from './catalog.ts'
import { type CustomCell, customCells, mergeCustomCells } from './custom-cell.ts'
import { Grid } from './grid.ts'
import type { Snapshot } from './snapshot.ts'

/** Buckets of one cell: percentiles of a busy cell are exact to a few per cent. */
const MOST_BUCKETS = 128

/** The requests of one group in one step of time. */
export interface RequestCell {
  requests: number
  failed: number
  response: CompactHistogram
}

/** The kind of a failure: its reason, and its status if there was an answer. */
export interface FailureKind {
  reason: FailureReason
  status?: number
}

/** The run over time by request, by user and task of each load, and by kind of failure. Merging is associative and commutative. */
export class Breakdown {
  readonly names: Grid<RequestCell>
  readonly tasks: Grid<RequestCell>
  readonly failures: Grid<number>
  /** Metrics of the scenario, by name. */
  readonly custom: Grid<CustomCell>

  constructor(
    names = new Grid(mergeCells),
    tasks = new Grid(mergeCells),
    failures = new Grid(addCounts),
    custom = new Grid(mergeCustomCells),
  ) {
    this.names = names
    this.tasks = tasks
    this.failures = failures
    this.custom = custom
  }

  /** Adds the samples of a second or of a part of it. */
  add(second: number, delta: Snapshot): void {
    for (const [group, cell] of cellsOf(delta, requestGroup)) this.names.add(group, second, cell)
    for (const [group, cell] of cellsOf(delta, taskGroup)) this.tasks.add(group, second, cell)
    for (const [metric, cell] of customCells(delta)) this.custom.add(metric, second, cell)
    for (const row of delta.errors.rows()) this.failures.add(failureGroup(row), second, row.count)
  }

  merge(other: Breakdown): Breakdown {
    return new Breakdown(
      this.names.merge(other.names),
      this.tasks.merge(other.tasks),
      this.failures.merge(other.failures),
      this.custom.merge(other.custom),
    )
  }
}

/** Returns the group in `names` of requests with these tags. */
export function requestGroup({ method = '', name = '' }: { method?: string; name?: string }): string {
  return `${method} ${name}`
}

/** Returns the group in `tasks` of requests with these tags. */
export function taskGroup({ user = '', task = '', load }: { user?: string; task?: string; load?: string }): string {
  return JSON.stringify(load === undefined ? [user, task] : [user, task, load])
}

/** Returns the tags of the requests in a group of `tasks`. */
export function tagsOfTaskGroup(group: string): { user: string; task: string; load?: string } {
  const [user, task, load] = JSON.parse(group) as [string, string, string?]
  return { user, task, ...(load !== undefined && { load }) }
}

/** Returns the group in `failures` of a kind. */
export function failureGroup({ reason, status }: FailureKind): string {
  return `${reason} ${status ?? ''}`
}

export function mergeCells(one: RequestCell, other: RequestCell): RequestCell {
  return {
    requests: one.requests + other.requests,
    failed: one.failed + other.failed,
    response: one.response.merge(other.response, MOST_BUCKETS),
  }
}

function addCounts(one: number, other: number): number {
  return one + other
}

function cellsOf(delta: Snapshot, groupOf: (tags: Tags) => string): Map<string, RequestCell> {
  const sums = new Map<string, { requests: number; failed: number; responses: Histogram[] }>()
  const sumOf = (tags: Tags) => {
    const group = groupOf(tags)
    let sum = sums.get(group)
    if (sum === undefined) sums.set(group, (sum = { requests: 0, failed: 0, responses: [] }))
    return sum
  }
  for (const { tags, value } of delta.select('http_reqs')) sumOf(tags).requests += value.total
  for (const { tags, value } of delta.select('http_req_failed')) sumOf(tags).failed += value.hits
  for (const { tags, value } of delta.select('http_req_duration')) sumOf(tags).responses.push(value.histogram)
  return new Map(
    Array.from(sums, ([group, { responses, ...counts }]) => [
      group,
      { ...counts, response: CompactHistogram.sum(responses, MOST_BUCKETS) },
    ]),
  )
}
