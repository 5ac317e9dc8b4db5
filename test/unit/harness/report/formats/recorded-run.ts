import { random } from '../../../../../core/random.ts'
import { withoutReadings } from '../../../../../harness/metrics/series.ts'
import { Snapshot } from '../../../../../harness/metrics/snapshot.ts'
import type { RunResult } from '../../../../../harness/results/run-result.ts'
import { summarise } from '../../../../../harness/results/trend-summary.ts'
import { failedRun, hostile } from '../fixture.ts'

/** Requests of the run, some with names that would break a format. */
const requests = [
  { method: 'GET', name: '/products?page,size', count: 900 },
  { method: 'POST', name: hostile, count: 100 },
  { method: 'GET', name: 'two\r\nlines \\ and `ticks` | pipes', count: 3 },
]

/** Returns a run whose rows are what its series recorded. */
export function recordedRun(): RunResult {
  const draws = random(7)
  const snapshot = new Snapshot()
  for (const { method, name, count } of requests) {
    for (let ordinal = 0; ordinal < count; ordinal++) {
      const tags = { method, name, status: ordinal % 10 === 0 ? '500' : '200' }
      const times = snapshot.value('http_req_duration', tags).histogram
      times.record(draws.next() * 1000)
      snapshot.value('http_req_service_time', tags).histogram.record(draws.next() * 10)
      snapshot.value('http_reqs', tags).total += 1
      const failed = snapshot.value('http_req_failed', tags)
      failed.total += 1
      failed.hits += tags.status === '500' ? 1 : 0
    }
  }
  snapshot.value('data_received', { name: '/products' }).total += 1234
  snapshot.value('vus', {}).set(0, 3)
  const run = failedRun()
  return {
    ...run,
    totals: {
      ...run.totals,
      requests: 1003,
      failedRequests: 101,
      response: summarise(snapshot.histogram('http_req_duration')),
    },
    names: requests.map(({ method, name, count }) => ({
      name,
      method,
      requests: count,
      requestsPerSecond: count / 40,
      failed: snapshot.hits('http_req_failed', { method, name }),
      statuses: {},
      sentBytes: count,
      receivedBytes: count * 10,
      response: summarise(snapshot.histogram('http_req_duration', { method, name })),
      service: summarise(snapshot.histogram('http_req_service_time', { method, name })),
      blocked: summarise(snapshot.histogram('http_req_blocked', { method, name })),
      waiting: summarise(snapshot.histogram('http_req_waiting', { method, name })),
    })),
    series: snapshot.toJSON().series.map(withoutReadings),
  }
}
