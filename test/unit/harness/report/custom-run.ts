import type { RunResult } from '../../../../harness/results/run-result.ts'
import { hostile, passedRun } from './fixture.ts'

/** A scenario with metrics of every kind, tags and groups, some of which are named as nobody should. */
export function customRun(): RunResult {
  const run = passedRun()
  const toMs = [1000, 2000, 3000, 3600]
  const duration = { ...run.totals.response, count: 618 }
  const trend = { kind: 'trend', count: 618, min: 1, mean: 4.5, p50: 5, p90: 8, p95: 9, p99: 12, max: 20 } as const
  return {
    ...run,
    groups: [
      { group: 'checkout', count: 618, failed: 2, duration, requests: 0, failedRequests: 0, response: duration },
      {
        group: `checkout::${hostile}`,
        count: 7,
        failed: 0,
        duration,
        requests: 7,
        failedRequests: 1,
        response: duration,
      },
      { group: '(other)', count: 1, failed: 0, duration, requests: 0, failedRequests: 0, response: duration },
    ],
    tagged: [
      { tag: 'region', value: '', requests: 8, failed: 0, response: duration },
      { tag: 'region', value: hostile, requests: 12, failed: 1, response: duration },
    ],
    customMetrics: [
      {
        name: 'basket_value',
        kind: 'counter',
        unit: 'EUR',
        description: `Value of all baskets. ${hostile}`,
        better: 'higher',
        figures: { kind: 'counter', total: 7725, perSecond: 1508.7 },
        byTag: [
          { tag: 'order', value: '1', figures: { kind: 'counter', total: 25, perSecond: 4.9 } },
          { tag: 'order', value: '(other)', figures: { kind: 'counter', total: 7700, perSecond: 1503.8 } },
        ],
        overTime: { toMs, columns: [{ label: 'per second', values: { values: [1500, 1510, 1520, 700] } }] },
      },
      {
        name: 'search_hits',
        kind: 'trend',
        unit: 'items',
        description: '',
        better: 'lower',
        figures: trend,
        byTag: [{ tag: 'user', value: 'shopper', figures: trend }],
        overTime: {
          toMs,
          columns: [
            { label: 'p50', values: { values: [5, 6, 5], at: [0, 1, 3] } },
            { label: 'p95', values: { values: [9, 9, 8], at: [0, 1, 3] } },
          ],
        },
      },
      {
        name: 'search_found',
        kind: 'rate',
        unit: 'share',
        description: '',
        better: 'higher',
        figures: { kind: 'rate', hits: 600, total: 618 },
        byTag: [],
        overTime: { toMs, columns: [{ label: 'share', values: { values: [0.9, 1, 1, 1] } }] },
      },
      {
        name: 'queue_depth',
        kind: 'gauge',
        unit: 'count',
        description: '',
        better: 'higher',
        figures: { kind: 'gauge', last: 3, min: 0, max: 9 },
        byTag: [],
        overTime: { toMs, columns: [{ label: 'last', values: { values: [3], at: [1] } }] },
      },
      {
        name: 'never_recorded',
        kind: 'gauge',
        unit: 'count',
        description: '',
        better: 'higher',
        figures: { kind: 'gauge' },
        byTag: [],
        overTime: { toMs, columns: [{ label: 'last', values: { values: [], at: [] } }] },
      },
    ],
  }
}
