import { expect, it } from 'vitest'
import type { RunResult } from '../../../harness/results/run-result.ts'
import { Histogram } from '../../../core/histogram.ts'
import { runReady } from './ready-scenario.ts'

const STALL_MS = 2000
const SLOW_MS = 500
const CONNECTIONS = 10
/** The ledger also counts requests read in the first turns of the loop after the stall: at most a few on each connection. */
const MOST_HELD = 4 * CONNECTIONS
const PER_SECOND = 100

/** Counts the requests over half a second by each clock. */
async function measure(name: string) {
  const result = await runReady(name, ['--duration', '6s'])
  const { rules, stalled } = result.faults
  expect(rules).toMatchObject([{ id: 'stall', matched: 1, injected: 1 }])
  expect(rules[0]?.delay?.actual.minMs).toBeGreaterThanOrEqual(STALL_MS)
  expect(result.bands.map(({ name }) => name)).toEqual(['healthy', 'stall', 'healthy again'])
  return {
    requests: result.totals.requests,
    stalled,
    response: slowOnes(result, 'http_req_duration'),
    service: slowOnes(result, 'http_req_service_time'),
  }
}

it('in the open model, a stall delays all requests due during it, but only the service times of a few', {
  concurrent: false,
}, async () => {
  const { requests, stalled, response, service } = await measure('coordinated-omission')
  expect(requests).toBe(6 * PER_SECOND)
  // Requests due in the first 1.5 s of the stall waited for at least half a second.
  expect(response).toBeGreaterThanOrEqual((PER_SECOND * (STALL_MS - SLOW_MS)) / 1000 - 1)
  expect(stalled).toBeGreaterThanOrEqual(CONNECTIONS)
  expect(stalled).toBeLessThanOrEqual(MOST_HELD)
  expect(service).toBe(CONNECTIONS)
})

it('in the closed model, a stall hardly shows in either response or service time', { concurrent: false }, async () => {
  const { stalled, response, service } = await measure('coordinated-omission-closed')
  expect({ response, service }).toEqual({ response: CONNECTIONS, service: CONNECTIONS })
  expect(stalled).toBeGreaterThanOrEqual(CONNECTIONS)
  expect(stalled).toBeLessThanOrEqual(MOST_HELD)
})

function slowOnes({ series }: RunResult, metric: 'http_req_duration' | 'http_req_service_time'): number {
  const all = new Histogram()
  for (const { metric: name, value } of series) {
    if (name === metric && value.kind === 'trend') all.merge(Histogram.fromJSON(value.histogram))
  }
  let slow = 0
  for (let rank = all.count; rank >= 1 && all.percentile(((rank - 0.5) / all.count) * 100) > SLOW_MS; rank--) slow += 1
  return slow
}
