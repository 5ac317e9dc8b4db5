import { describe, expect, it } from 'vitest'
import type { Configuration } from '../../../target/configuration/configuration.ts'
import type { DistributionValue } from '../../../core/distributions/value.ts'
import type { FaultRuleReport } from '../../../contract/faults/report.ts'
import type { Problem } from '../../../contract/problem.ts'
import { parseDistribution } from '../../../core/distributions/parse.ts'
import { Histogram } from '../../../core/histogram.ts'
import { testTarget, type TestTarget } from './support.ts'

async function control(target: TestTarget, method: string, path: string, body?: unknown) {
  const answer = await fetch(`${target.url}/_loadcell/${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: await answer.json() }
}

/** Delays every list of products; the planned delays of so many requests, one after another, in whole microseconds. */
async function plannedMs(distribution: DistributionValue, requests: number): Promise<FaultRuleReport['delay']> {
  const fault = { type: 'delay', distribution }
  const rules = [{ id: 'slow', match: { operation: 'products.list' }, fault }]
  const target = await testTarget({ 'faults.rules': JSON.stringify(rules) })
  for (let request = 0; request < requests; request++) {
    const answer = await fetch(`${target.url}/products`)
    expect(answer.status).toBe(200)
    await answer.arrayBuffer()
  }
  await target.settledLedger()
  const { body } = await control(target, 'GET', 'faults')
  return (body as { rules: FaultRuleReport[] }).rules.find(({ rule }) => rule.id === 'slow')?.delay
}

describe('distributions, of a delay', () => {
  it('are drawn as they are configured', async () => {
    const distribution: DistributionValue = { type: 'gamma', shape: 2, scale: '4ms', max: '15ms' }
    const planned = (await plannedMs(distribution, 60))?.planned
    expect(planned?.count).toBe(60)
    expect(planned?.maxMs).toBeLessThanOrEqual(15)
    // The mean of 60 draws lies within its 99.99 % interval, and not all draws are equal.
    const { meanMs } = parseDistribution(distribution)
    expect(Math.abs(planned!.sumMs / 60 - meanMs)).toBeLessThan((3.9 * 3.6) / Math.sqrt(60))
    const histogram = Histogram.fromJSON(planned!)
    expect(histogram.percentile(90)).toBeGreaterThan(histogram.percentile(10) * 2)
  })

  it('are replayed in order, over and over', async () => {
    const planned = (await plannedMs({ type: 'replay', trace: ['1ms', '5ms', 9], loop: true }, 7))?.planned
    expect(planned).toMatchObject({ count: 7, minMs: 1, maxMs: 9, sumMs: 2 * (1 + 5 + 9) + 1 })
  })

  it('can be taken from the histograms of a run', async () => {
    const measured = new Histogram()
    for (let record = 0; record < 100; record++) measured.record(3)
    const planned = (await plannedMs({ type: 'empirical', histogram: measured.toJSON().hdr }, 3))?.planned
    expect(planned?.count).toBe(3)
    expect(planned!.sumMs).toBeCloseTo(9, 1)
  })
})

describe('distributions, over the control plane', () => {
  it('are refused where they contradict themselves, with a pointer, and nothing is changed', async () => {
    const target = await testTarget()
    const { status, body } = await control(target, 'PATCH', 'config', {
      auth: { issueCost: { type: 'lognormal', median: '2s', p99: '1s' } },
      reports: { duration: { type: 'exponential', mean: '5s', max: '1ms' }, workers: 3 },
      notifications: {
        interval: {
          type: 'mixture',
          components: [{ weight: 1, distribution: { type: 'weibull', shape: 0, scale: 1 } }],
        },
      },
    })
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    // Schema errors are reported first.
    expect((body as Problem).errors).toEqual([
      {
        pointer: '/notifications/interval/components/0/distribution/shape',
        detail: 'expected a number > 0, got 0',
      },
    ])
    const again = await control(target, 'PATCH', 'config', {
      auth: { issueCost: { type: 'lognormal', median: '2s', p99: '1s' } },
      reports: { duration: { type: 'exponential', mean: '5s', max: '1ms' }, workers: 3 },
    })
    expect((again.body as Problem).errors).toEqual([
      { pointer: '/auth/issueCost/p99', detail: 'expected at least the median (2000 ms), got 1000 ms' },
      {
        pointer: '/reports/duration/max',
        detail: 'expected a max with at least 1 % of the draws below it, got 1 ms with 0.02 %',
      },
    ])
    const configuration = (await control(target, 'GET', 'config')).body as Configuration
    expect(configuration.reports.workers).not.toBe(3)
    expect(configuration.auth.issueCost).toBe('0s')
  })

  it('are refused in a rule alike', async () => {
    const target = await testTarget()
    const distribution = { type: 'empirical', percentiles: { p0: 1, p50: 20, p90: 10, p100: 30 } }
    const { status, body } = await control(target, 'POST', 'faults', {
      id: 'slow',
      fault: { type: 'delay', distribution },
    })
    expect(status).toBe(400)
    expect((body as Problem).errors).toEqual([
      {
        pointer: '/fault/distribution/percentiles/p90',
        detail: 'expected at least the value of p50 (20 ms), got 10 ms',
      },
    ])
  })
})
