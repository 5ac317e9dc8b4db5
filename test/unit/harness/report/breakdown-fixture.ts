import { knownValues } from '../../../../harness/results/known-values.ts'
import type { RunBreakdown } from '../../../../harness/results/run-breakdown.ts'
import type { NameRow, UserRow } from '../../../../harness/results/run-result.ts'
import type { TimelinePoint } from '../../../../harness/results/timeline.ts'

type GroupColumns = Omit<RunBreakdown['names']['groups'][number], 'name' | 'method'>

/** The breakdown of a run in which every group has an even part of the requests of each second. */
export function breakdownOf(
  timeline: readonly TimelinePoint[],
  { names, users }: { names: readonly NameRow[]; users: readonly UserRow[] },
): RunBreakdown {
  const toMs = timeline.map(({ atMs }) => atMs)
  const all = names.reduce((sum, { requests }) => sum + requests, 0)
  const columns = ({ requests, response }: NameRow | UserRow): GroupColumns => {
    const share = requests / Math.max(1, all)
    const times = (key: 'responseP50Ms' | 'responseP95Ms' | 'responseP99Ms') =>
      knownValues(timeline.map(point => (response.count === 0 ? null : point[key] * (0.5 + share))))
    return {
      requests: timeline.map(point => Math.round(point.requestsPerSecond * share)),
      failed: timeline.map(point => Math.round(point.failuresPerSecond * share)),
      p50Ms: times('responseP50Ms'),
      p95Ms: times('responseP95Ms'),
      p99Ms: times('responseP99Ms'),
      heat: timeline.map(point => (response.count === 0 ? [] : heatOf(point, share))),
    }
  }
  return {
    names: {
      toMs,
      groups: names.map(row => ({ name: row.name, method: row.method, ...columns(row) })),
      groupsNotKept: 0,
    },
    users: {
      toMs,
      groups: users.map(row => ({
        user: row.user,
        ...(row.task !== undefined && { task: row.task }),
        ...columns(row),
      })),
      groupsNotKept: 0,
    },
    failures: {
      toMs,
      kinds: [
        { reason: 'reset', counts: timeline.map(point => Math.round(point.failuresPerSecond * 0.7)) },
        { reason: 'status', status: 503, counts: timeline.map(point => Math.round(point.failuresPerSecond * 0.3)) },
      ],
    },
    heat: { toMs, columns: timeline.map(point => heatOf(point, 1)) },
  }
}

/** A hill around the median, with a tail towards the p99. */
function heatOf({ requestsPerSecond, responseP50Ms, responseP99Ms }: TimelinePoint, share: number): number[] {
  const level = (valueMs: number) => Math.floor(Math.log10(valueMs / 0.01) * 10)
  const [middle, top] = [level(responseP50Ms), level(responseP99Ms)]
  const first = middle - 3
  const counts = Array.from({ length: top - first + 1 }, (_, index) =>
    Math.ceil(requestsPerSecond * share * 0.4 * Math.exp(-Math.abs(first + index - middle) / 1.6)),
  )
  return [first, ...counts]
}
