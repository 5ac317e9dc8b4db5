import { expect, it } from 'vitest'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { hostRows } from '../../../../harness/results/host-rows.ts'

it('has a row for each host, also for one that was not used', () => {
  const snapshot = new Snapshot()
  snapshot.value('http_reqs', { name: 'api:/a', host: 'api', status: '200' }).total = 4
  snapshot.value('http_reqs', { name: '/a', status: '200' }).total = 9
  snapshot.value('http_req_failed', { name: 'api:/a', host: 'api', status: '500' }).hits = 1
  expect(hostRows([{ name: 'api' }, { name: 'spare' }], snapshot)).toEqual([
    { name: 'api', requests: 4, failedRequests: 1 },
    { name: 'spare', requests: 0, failedRequests: 0 },
  ])
})
