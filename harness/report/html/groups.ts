import type { GroupRow } from '../../results/group-rows.ts'
import type { RunResult } from '../../results/run-result.ts'
import type { TagRow } from '../../results/tag-rows.ts'
import { othersNote } from './custom-metrics.ts'
import { breakable, html, type Markup } from './markup.ts'
import { type Column, failures, section, sortable, table, timeColumn } from './table.ts'

/** The part of the page about groups; nothing in a run without any. */
export function groups({ groups = [] }: RunResult): Markup | undefined {
  if (groups.length === 0) return undefined
  const time = (title: string, percentile: number, value: (times: GroupRow['duration']) => number) =>
    timeColumn<GroupRow>(title, percentile, row => row.duration, value)
  const columns: Column<GroupRow>[] = [
    { title: 'Group', kind: 'head', cell: ({ group }) => breakable(group), order: ({ group }) => group },
    sortable('Times', row => row.count),
    sortable('threw', row => row.failed),
    time('mean ms', 0, ({ meanMs }) => meanMs),
    time('p50 ms', 50, ({ p50Ms }) => p50Ms),
    time('p95 ms', 95, ({ p95Ms }) => p95Ms),
    time('p99 ms', 99, ({ p99Ms }) => p99Ms),
    time('slowest ms', 0, ({ maxMs }) => maxMs),
    sortable('Requests', row => row.requests),
    {
      ...sortable<GroupRow>('Failed', row => row.failedRequests),
      cell: ({ failedRequests: failed, requests }) => failures({ failed, requests }),
    },
    timeColumn<GroupRow>(
      'response p95 ms',
      95,
      row => row.response,
      ({ p95Ms }) => p95Ms,
    ),
  ]
  return section(
    'groups',
    'Groups',
    table('Groups of the scenario and how long they took', columns, groups),
    html`<p class="aside">Times on the left are from the start of a group to its end, for those that did not throw. Requests are those of the group itself; a group within it has its own row.</p>\n`,
    othersNote(groups.map(({ group }) => ({ tag: 'group', value: group }))),
  )
}

/** The part of the page about requests by the scenario's tags; nothing without any. */
export function tagged({ tagged = [] }: RunResult): Markup | undefined {
  if (tagged.length === 0) return undefined
  const time = (title: string, percentile: number, value: (times: TagRow['response']) => number) =>
    timeColumn<TagRow>(title, percentile, row => row.response, value)
  const columns: Column<TagRow>[] = [
    { title: 'Tag', kind: 'name', cell: ({ tag }) => tag, order: ({ tag }) => tag },
    {
      title: 'Value',
      kind: 'head',
      cell: ({ value }) => (value === '' ? '(none)' : breakable(value)),
      order: ({ value }) => value,
    },
    sortable('Requests', row => row.requests),
    { ...sortable('Failed', row => row.failed), cell: failures },
    time('p50 ms', 50, ({ p50Ms }) => p50Ms),
    time('p95 ms', 95, ({ p95Ms }) => p95Ms),
    time('p99 ms', 99, ({ p99Ms }) => p99Ms),
    time('slowest ms', 0, ({ maxMs }) => maxMs),
  ]
  return section(
    'tagged',
    'Requests by tag',
    table('Requests by the tags of the scenario; times are response times', columns, tagged),
    html`<p class="aside">The rows of a tag add up to all requests.</p>\n`,
    othersNote(tagged),
  )
}
