import type { RunResult, UserRow } from '../../results/run-result.ts'
import { aligned } from '../../results/known-values.ts'
import { formatCount } from '../../../core/number-format.ts'
import { formatRate } from '../quantity.ts'
import { breakable, html, type Markup } from './markup.ts'
import { spark } from './spark.ts'
import { type Column, failures, section, sortable, table, timeColumn } from './table.ts'
import { kindTitle, userTitle, viewOfUser } from './views.ts'

/** The part of the page about kinds of user and their tasks; nothing in a run without users. */
export function users(result: RunResult): Markup | undefined {
  const { users, breakdown } = result
  if (users.length === 0) return undefined
  const view = new Map(users.map(row => [row, viewOfUser(result, row)]))
  const p95 = new Map(
    breakdown.users.groups.map(group => [userTitle(group), aligned(group.p95Ms, breakdown.users.toMs.length)]),
  )
  const columns: Column<UserRow>[] = [
    {
      title: 'User and task',
      kind: 'head',
      cell: row =>
        breakable(row.task === undefined ? kindTitle(row) : row.task === '' ? '(outside of tasks)' : row.task),
      order: userTitle,
    },
    { title: 'p95 over time', kind: 'picture', cell: row => spark(p95.get(userTitle(row)) ?? [], view.get(row)) },
    sortable('Iterations', row => row.iterations),
    lostColumn('threw', 'failed'),
    lostColumn('cut off', 'interrupted'),
    lostColumn('dropped', 'dropped'),
    timeColumn<UserRow>(
      'iteration mean ms',
      0,
      row => row.iteration,
      ({ meanMs }) => meanMs,
    ),
    timeColumn<UserRow>(
      'iteration p95 ms',
      95,
      row => row.iteration,
      ({ p95Ms }) => p95Ms,
    ),
    sortable('Requests', row => row.requests),
    sortable('Rate/s', row => row.requestsPerSecond, formatRate),
    { ...sortable('Failed', row => row.failed), cell: failures },
    timeColumn<UserRow>(
      'mean ms',
      0,
      row => row.response,
      ({ meanMs }) => meanMs,
    ),
    timeColumn<UserRow>(
      'p50 ms',
      50,
      row => row.response,
      ({ p50Ms }) => p50Ms,
    ),
    timeColumn<UserRow>(
      'p95 ms',
      95,
      row => row.response,
      ({ p95Ms }) => p95Ms,
    ),
    timeColumn<UserRow>(
      'p99 ms',
      99,
      row => row.response,
      ({ p99Ms }) => p99Ms,
    ),
  ]
  return section(
    'users',
    'Users and tasks',
    table('Kinds of user and their tasks', columns, users, ({ task }) => (task === undefined ? undefined : 'task')),
    html`<p class="aside">An iteration is one pass through a task. Times on the right are response times of requests. Outside of tasks are requests of <code>begin</code> and <code>end</code>.
A dropped iteration had no user, so no task is known.</p>\n`,
  )
}

type LostCounts = NonNullable<UserRow['lost']>

function lostColumn(title: string, key: keyof LostCounts): Column<UserRow> {
  return {
    ...sortable<UserRow>(title, ({ lost }) => lost?.[key] ?? 0),
    cell: ({ lost }) => (lost === undefined ? '' : formatCount(lost[key])),
  }
}
