import { expect, test } from 'vitest'
import { checkHandshakeFaults } from '../../../../calibration/faults/handshake-faults-check.ts'
import { systemClock } from '../../../../core/clock.ts'
import { testTarget } from '../../../e2e/target/support.ts'

test('every fault of handshakes is delivered as configured, by the rule and by the client', async () => {
  const target = await testTarget({ 'tls.enabled': 'true' })
  const rows = await checkHandshakeFaults({
    targetUrl: target.url,
    network: { tls: { ca: target.tls!.trusted } },
    clock: systemClock,
    seed: 1,
    version: 'test',
    level: 0.9999,
    order: 'forward',
    connections: 12,
    requests: 0,
    draws: 0,
    events: 0,
    presetRequests: 0,
    readForMs: 0,
    rounds: 0,
    kneeMs: 0,
    stationMs: 0,
  })
  expect(rows.filter(({ state }) => state !== 'within')).toEqual([])
  expect(rows).toHaveLength(12)
})
