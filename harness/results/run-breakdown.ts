import {
  type Breakdown,
  failureGroup,
  type FailureKind,
  mergeCells,
  type RequestCell,
  requestGroup,
  tagsOfTaskGroup,
  taskGroup,
} from '../metrics/breakdown.ts'
import type { Tags } from '../metrics/catalog.ts'
import type { ErrorRow } from '../metrics/error-table.ts'
import type { Grid } from '../metrics/grid.ts'
import type { Second } from '../metrics/measurements.ts'
import { type HeatColumn, heatColumn } from './heat.ts'
import { type KnownValues, knownValues } from './known-values.ts'
import type { LoadRow } from './load-rows.ts'
import type { NameRow, UserRow } from './run-result.ts'
import { endsOf, rounded, type Step, type StepEnds, stepsOf } from './steps.ts'

/** Groups that are kept over time: the ones with the most requests. */
const MOST_GROUPS = 200
/** Kinds of failures that are kept apart: the most frequent ones. */
const MOST_KINDS = 20
/** Columns of the heat map of the whole run. */
const MOST_HEAT_COLUMNS = 240

/** The run in steps of time, by group. Steps are seconds, or longer in a long run or with many groups. */
export interface RunBreakdown {
  names: GroupsOverTime & { groups: (Pick<NameRow, 'name' | 'method'> & RequestColumns)[] }
  /** Kinds of user, and their tasks. */
  users: GroupsOverTime & { groups: (Pick<UserRow, 'load' | 'user' | 'task'> & RequestColumns)[] }
  /** Absent in a run without `loads`. */
  loads?: StepEnds & { groups: (Pick<LoadRow, 'load'> & RequestColumns)[] }
  /** Failures of every kind, those of the scenario included. */
  failures: StepEnds & {
    kinds: (FailureKind & { counts: number[] })[]
    /** Failures of further kinds, if there are any. */
    others?: number[]
  }
  /** Response times of all requests except streams. */
  heat: StepEnds & { columns: HeatColumn[] }
}

interface GroupsOverTime extends StepEnds {
  /** Number of further groups. */
  groupsNotKept: number
}

/** One value for each step. */
export interface RequestColumns {
  requests: number[]
  failed: number[]
  /** Percentiles of response time, in the steps that had any. */
  p50Ms: KnownValues
  p95Ms: KnownValues
  p99Ms: KnownValues
  heat: HeatColumn[]
}

/** Returns the run in steps, for the rows of its tables. */
export function runBreakdown(
  { names, tasks, failures }: Breakdown,
  seconds: readonly Second[],
  rows: {
    names: readonly NameRow[]
    loads: readonly LoadRow[]
    users: readonly UserRow[]
    errors: readonly ErrorRow[]
  },
): RunBreakdown {
  const nameSteps = stepsOf(seconds, names.stepSeconds)
  const taskSteps = stepsOf(seconds, tasks.stepSeconds)
  return {
    names: {
      ...endsOf(nameSteps),
      groups: rows.names.slice(0, MOST_GROUPS).map(row => ({
        name: row.name,
        method: row.method,
        ...columnsOf(nameSteps, step => names.cell(requestGroup(row), step)),
      })),
      groupsNotKept: Math.max(0, rows.names.length - MOST_GROUPS),
    },
    users: {
      ...endsOf(taskSteps),
      groups: rows.users.slice(0, MOST_GROUPS).map(row => ({
        ...(row.load !== undefined && { load: row.load }),
        user: row.user,
        ...(row.task !== undefined && { task: row.task }),
        ...columnsOf(taskSteps, step => sumOf(tasks, groupsOfUser(tasks, row), step)),
      })),
      groupsNotKept: Math.max(0, rows.users.length - MOST_GROUPS),
    },
    ...(rows.loads.length > 0 && {
      loads: {
        ...endsOf(taskSteps),
        groups: rows.loads.map(({ load }) => ({
          load,
          ...columnsOf(taskSteps, step => sumOf(tasks, groupsOf(tasks, { load }), step)),
        })),
      },
    }),
    failures: failuresOver(failures, seconds, rows.errors),
    heat: heatOver(seconds),
  }
}

function columnsOf(steps: readonly Step[], cellAt: (step: number) => RequestCell | undefined): RequestColumns {
  const cells = steps.map(({ step }) => cellAt(step))
  const percentile = (percent: number) =>
    knownValues(
      cells.map(cell =>
        cell === undefined || cell.response.count === 0 ? undefined : rounded(cell.response.percentile(percent)),
      ),
    )
  return {
    requests: cells.map(cell => cell?.requests ?? 0),
    failed: cells.map(cell => cell?.failed ?? 0),
    p50Ms: percentile(50),
    p95Ms: percentile(95),
    p99Ms: percentile(99),
    heat: cells.map(cell => (cell === undefined ? [] : heatColumn([cell.response]))),
  }
}

/** Returns the groups that a row sums up: one task, all of the user, or all of the load. */
function groupsOf({ groups }: Grid<RequestCell>, wanted: Pick<Tags, 'load' | 'user' | 'task'>): string[] {
  const asked = Object.entries(wanted) as [keyof ReturnType<typeof tagsOfTaskGroup>, string][]
  return groups.filter(group => {
    const tags = tagsOfTaskGroup(group)
    return asked.every(([tag, value]) => tags[tag] === value)
  })
}

function groupsOfUser(tasks: Grid<RequestCell>, { load, user, task }: UserRow): string[] {
  return task === undefined
    ? groupsOf(tasks, { user, ...(load !== undefined && { load }) })
    : [taskGroup({ user, task, ...(load !== undefined && { load }) })]
}

function sumOf(grid: Grid<RequestCell>, groups: readonly string[], step: number): RequestCell | undefined {
  return groups
    .map(group => grid.cell(group, step))
    .reduce((sum, cell) => (sum === undefined || cell === undefined ? (sum ?? cell) : mergeCells(sum, cell)), undefined)
}

function failuresOver(
  failures: Grid<number>,
  seconds: readonly Second[],
  errors: readonly ErrorRow[],
): RunBreakdown['failures'] {
  const steps = stepsOf(seconds, failures.stepSeconds)
  const kinds = [...Map.groupBy(errors, failureGroup)]
    .map(([group, rows]) => {
      const { reason, status } = rows[0] as ErrorRow
      const count = rows.reduce((sum, row) => sum + row.count, 0)
      const counts = steps.map(({ step }) => failures.cell(group, step) ?? 0)
      return { count, kind: { reason, ...(status !== undefined && { status }), counts } }
    })
    .sort((a, b) => b.count - a.count)
    .map(({ kind }) => kind)
  const rest = kinds.slice(MOST_KINDS)
  return {
    ...endsOf(steps),
    kinds: kinds.slice(0, MOST_KINDS),
    ...(rest.length > 0 && {
      others: steps.map((_, at) => rest.reduce((sum, { counts }) => sum + (counts[at] ?? 0), 0)),
    }),
  }
}

function heatOver(seconds: readonly Second[]): RunBreakdown['heat'] {
  const last = seconds.at(-1)?.second ?? 0
  const steps = stepsOf(seconds, Math.ceil((last + 1) / MOST_HEAT_COLUMNS))
  return {
    ...endsOf(steps),
    columns: steps.map(step => heatColumn(step.seconds.map(({ trends }) => trends.http_req_duration))),
  }
}
