import type { LedgerReport, OperationAccount } from '../../../contract/ledger.ts'
import type { MetricName, Tags } from '../../../harness/metrics/catalog.ts'
import type { RunResult } from '../../../harness/results/run-result.ts'
import type { Totals } from '../../../harness/results/totals.ts'
import { Histogram } from '../../../core/histogram.ts'

export const empty = new Histogram().toJSON()

export const counter = (metric: MetricName, tags: Tags, total: number): RunResult['series'][number] => ({
  metric,
  tags,
  value: { kind: 'counter', total },
})

/** The harness's side of 10 publishes (one a duplicate), and of one consumer that received 7 events. */
export function harnessSide() {
  const publish = { operation: 'events.publish', name: '/v1/events/publish', method: 'POST', status: '202' }
  const limited = { operation: 'products.list', name: '/products', method: 'GET', status: '429' }
  const stream = { operation: 'streams.read', name: '/v1/streams/{stream}', method: 'GET', status: '200' }
  return {
    series: [
      counter('http_reqs', { ...publish, task: 'a' }, 6),
      counter('http_reqs', { ...publish, task: 'b' }, 4),
      counter('http_reqs', stream, 1),
      counter('http_reqs', limited, 3),
      counter('data_sent', publish, 5000),
      counter('data_received', publish, 900),
      counter('data_received', stream, 1400),
    ],
    consumers: [{ key: 'run/consumer-0/0', received: 7 }],
    consumersNotKept: 0,
    totals: {
      events: { published: 10, accepted: 9, duplicate: 1, rejected: 0, delivered: 7 },
      streams: { opened: 1, closed: [{ by: 'client', count: 1 }] },
      tokens: { issued: 2, refreshed: 0 },
      rateLimited: 3,
      jobs: { submitted: 4, completed: 3, failed: 1 },
    } as unknown as Totals,
  }
}

export function account(operation: OperationAccount['operation'], counts: Partial<OperationAccount>): OperationAccount {
  const zero = {
    arrivals: 0,
    aborted: 0,
    cut: 0,
    unanswered: 0,
    statuses: {},
    bytesIn: 0,
    bytesOut: 0,
    arrivalGap: empty,
    firstByte: empty,
    handler: empty,
    lastByte: empty,
  }
  return { operation, method: 'POST', path: '/', ...zero, ...counts }
}

export function ledgerSide(): LedgerReport {
  return {
    format: 'loadcell.ledger/1',
    run: 'run',
    boot: 'boot',
    open: { requests: 0, streams: 0 },
    operations: [
      account('events.publish', { arrivals: 10, statuses: { 202: 10 }, bytesIn: 5000, bytesOut: 900 }),
      account('products.list', { arrivals: 3, statuses: { 429: 3 } }),
      account('streams.read', { arrivals: 1, statuses: { 200: 1 }, bytesIn: 0, bytesOut: 1400 }),
    ],
    streams: {
      opened: 1,
      refused: 0,
      closed: { client: 1 },
      resumed: 0,
      reset: 0,
      lifetime: empty,
      polls: { answered: 0, empty: 0, refused: 0, reset: 0, events: 0 },
      deliveries: [],
    },
    consumers: [{ key: 'run/consumer-0/0', streams: ['orders'], connections: 1, delivered: 7, dropped: 0, unsent: 0 }],
    consumersNotKept: 0,
    events: {
      received: 10,
      accepted: 9,
      duplicate: 1,
      rejected: 0,
      delivered: 7,
      dropped: {},
      unsent: 0,
      byStream: { orders: 9 },
    },
    tokens: { issued: 2, refreshed: 0, revoked: 0, rejected: {}, refused: {} },
    reports: {
      queued: 4,
      refused: 0,
      completed: 3,
      failed: 1,
      cancelled: 0,
      open: 0,
      queueWait: empty,
      running: empty,
    },
    rateLimits: { limited: 3, early: 0, callers: [], callersNotKept: 0 },
    faults: { rules: [], stations: [], notKept: 0, stalled: 0 },
    sockets: { refused: 0, open: 0, endpoints: [] },
    unmatched: [],
    unmatchedNotKept: 0,
    records: { kept: 11, notKept: 0 },
    late: 0,
  }
}
