import { aligned, type KnownValues } from '../../results/known-values.ts'
import type { RequestColumns, RunBreakdown } from '../../results/run-breakdown.ts'
import type { RunResult } from '../../results/run-result.ts'
import { type ChartView, type ChartViews, rounded } from './chart.ts'
import { html, type Markup } from './markup.ts'

/** Returns what the charts can show instead of all requests: users, tasks, names and loads, in this order. */
export function chartViews({ breakdown: { names, users, loads } }: RunResult): ChartViews {
  return {
    ends: [users.toMs, names.toMs].map(toMs => toMs.map(endMs => rounded(endMs / 1000))),
    views: [
      ...users.groups.map(group => viewOf(userTitle(group), 0, users.toMs, group)),
      ...names.groups.map(group => viewOf(`${group.method} ${group.name}`.trim(), 1, names.toMs, group)),
      // Loads have the steps of users.
      ...(loads?.groups.map(group => viewOf(group.load, 0, loads.toMs, group)) ?? []),
    ],
  }
}

function viewOf(label: string, ends: number, toMs: readonly number[], columns: RequestColumns): ChartView {
  const perSecond = (counts: readonly number[]) =>
    counts.map((count, at) => short((count * 1000) / Math.max(1, (toMs[at] ?? 0) - (toMs[at - 1] ?? 0))))
  const percentile = (values: KnownValues) => aligned(values, toMs.length).map(short)
  return {
    label,
    ends,
    charts: {
      throughput: { requests: perSecond(columns.requests), failures: perSecond(columns.failed) },
      response: {
        p50: percentile(columns.p50Ms),
        p95: percentile(columns.p95Ms),
        p99: percentile(columns.p99Ms),
      },
    },
    heat: columns.heat,
  }
}

/** Rounds to three digits, which is as much as a chart can show. */
function short<T extends number | null>(value: T): T {
  return (value === null ? null : Number(value.toPrecision(3))) as T
}

type UserGroup = Pick<RunBreakdown['users']['groups'][number], 'load' | 'user' | 'task'>

/** Names a kind of user, and the load that it belongs to. */
export function kindTitle({ load, user }: UserGroup): string {
  return load === undefined ? user : `${load} · ${user}`
}

export function userTitle(group: UserGroup): string {
  const { task } = group
  return task === undefined ? kindTitle(group) : `${kindTitle(group)}: ${task === '' ? 'outside of tasks' : task}`
}

/** Returns the number of the view of a request; undefined if it has none. */
export function viewOfName({ breakdown: { names, users } }: RunResult, row: { name: string; method: string }) {
  const index = names.groups.findIndex(({ name, method }) => name === row.name && method === row.method)
  return index === -1 ? undefined : users.groups.length + index
}

/** Returns the number of the view of a user or task; undefined if it has none. */
export function viewOfUser({ breakdown: { users } }: RunResult, row: UserGroup) {
  const index = users.groups.findIndex(
    ({ load, user, task }) => load === row.load && user === row.user && task === row.task,
  )
  return index === -1 ? undefined : index
}

/** Returns the number of the view of a load; undefined if it has none. */
export function viewOfLoad({ breakdown: { names, users, loads } }: RunResult, row: { load: string }) {
  const index = loads?.groups.findIndex(({ load }) => load === row.load) ?? -1
  return index === -1 ? undefined : users.groups.length + names.groups.length + index
}

/** Returns the list from which readers choose what the charts show; nothing without a choice. */
export function viewChoice({ breakdown: { names, users, loads } }: RunResult): Markup | undefined {
  if (names.groups.length + users.groups.length < 2) return undefined
  const option = (label: string, view: number) => html`<option value="${view}">${label}</option>\n`
  const ofUsers = users.groups.map((group, index) => ({ group, index, title: userTitle(group) }))
  const kinds = ofUsers.filter(({ group }) => group.task === undefined)
  const tasks = ofUsers.filter(({ group }) => group.task !== undefined)
  const more = names.groupsNotKept + users.groupsNotKept
  return html`<label class="choice with-script">Charts show <select data-views>
<option value="">all requests</option>
${loads && html`<optgroup label="Loads">${loads.groups.map(({ load }, index) => option(load, users.groups.length + names.groups.length + index))}</optgroup>\n`}${kinds.length > 0 && html`<optgroup label="Kinds of user">${kinds.map(({ title, index }) => option(title, index))}</optgroup>`}
${tasks.length > 0 && html`<optgroup label="Tasks">${tasks.map(({ title, index }) => option(title, index))}</optgroup>`}
<optgroup label="Requests">${names.groups.map((group, index) => option(`${group.method} ${group.name}`, users.groups.length + index))}</optgroup>
${more > 0 && html`<option disabled>${more} with fewer requests have no charts</option>`}</select></label>\n`
}
