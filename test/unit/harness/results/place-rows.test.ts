import { expect, it } from 'vitest'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { placeRows } from '../../../../harness/results/place-rows.ts'

it('has a row for each place, and one for the workers without one', () => {
  const ofWorker = new Snapshot()
  ofWorker.value('http_reqs', { name: '/a', status: '200' }).total = 6
  ofWorker.value('http_req_failed', { name: '/a', status: '200' }).hits = 2
  ofWorker.value('iterations', { user: 'u' }).total = 3
  ofWorker.value('http_connecting', {}).histogram.record(80)
  const all = new Snapshot()
  all.absorb(ofWorker, 'us-east')
  all.absorb(ofWorker, 'eu-west')
  all.absorb(ofWorker, 'us-east')
  all.absorb(ofWorker)
  expect(placeRows(all, 2000)).toMatchObject([
    { place: 'eu-west', requests: 6, requestsPerSecond: 3, failed: 2, iterations: 3, connecting: { count: 1 } },
    { place: 'us-east', requests: 12, requestsPerSecond: 6, failed: 4, iterations: 6, connecting: { count: 2 } },
    { place: '', requests: 6, requestsPerSecond: 3, failed: 2, iterations: 3, connecting: { count: 1 } },
  ])
})

it('has no row in a run without places', () => {
  const snapshot = new Snapshot()
  snapshot.value('http_reqs', { name: '/a' }).total = 6
  expect(placeRows(snapshot, 2000)).toEqual([])
})
