import { describe, expect, it } from 'vitest'
import { additionRow, percentiles, quantileRows } from '../../../../../calibration/harness/latency/quantile-rows.ts'
import { exponential } from '../../../../../core/distributions/closed-form.ts'
import { Histogram } from '../../../../../core/histogram.ts'
import { random } from '../../../../../core/random.ts'

const configured = exponential(100)

function sampled(count: number, change: (valueMs: number) => number = value => value): Histogram {
  const draws = random(3)
  const histogram = new Histogram()
  for (let ordinal = 0; ordinal < count; ordinal++) histogram.record(change(configured.quantile(draws.next())))
  return histogram
}

/** Returns the names of the rows that are outside, without the name of the clock. */
function outside(change: (valueMs: number) => number, additionMs = 0): string[] {
  const [observed, injected] = [sampled(5000, change), sampled(5000)]
  return quantileRows({ what: 'HTTP', observed, configured, injected, additionMs, level: 0.9999, late: [] })
    .filter(({ state }) => state === 'outside')
    .map(({ what }) => what.slice('HTTP: '.length))
}

describe('the quantiles of a clock', () => {
  it('are within if the times are the injected ones, from p50 to p99.9', () => {
    expect(percentiles).toEqual([50, 75, 90, 95, 99, 99.9])
    expect(outside(value => value)).toEqual([])
  })

  it('are outside by the ledger if each time is two per cent too long or too short', () => {
    const all = percentiles.map(percentile => `p${percentile} by the ledger`)
    expect(outside(value => value * 1.02)).toEqual(all)
    expect(outside(value => value * 0.98)).toEqual(all)
  })

  it('are outside if times are cut off, but only where that is', () => {
    const cut = outside(value => Math.min(value, 150))
    expect(cut.filter(name => name.endsWith('by the ledger'))).toEqual(
      [90, 95, 99, 99.9].map(percentile => `p${percentile} by the ledger`),
    )
    // Too few samples lie beyond p99.9 to contradict its distribution.
    expect(cut.filter(name => name.endsWith('as configured'))).toEqual(
      [90, 95, 99].map(percentile => `p${percentile} as configured`),
    )
  })

  it('may be longer by what the harness adds, but not shorter', () => {
    expect(outside(value => value + 5, 5)).toEqual([])
    expect(outside(value => value + 5, 1)).toContain('p50 by the ledger')
    expect(outside(value => Math.max(0, value - 5), 5)).toContain('p50 by the ledger')
  })

  it('are left out if no sample lies beyond them', () => {
    const few = sampled(500)
    const rows = quantileRows({
      what: 'x',
      observed: few,
      configured,
      injected: few,
      additionMs: 0,
      level: 0.99,
      late: [],
    })
    expect(rows.map(({ what }) => what)).not.toContain('x: p99.9 by the ledger')
    expect(rows).toHaveLength(10)
  })

  it('are compared with the ledger by all that it accounts for', () => {
    const [observed, accounted] = [sampled(1000), sampled(1000, value => value + 50)]
    const rows = quantileRows({
      what: 'x',
      observed,
      accounted,
      configured,
      injected: accounted,
      additionMs: 0,
      level: 0.9999,
      late: [],
    })
    expect(rows.filter(({ state }) => state === 'outside')).toEqual([])
    expect(rows[1]?.observed).toBe(accounted.percentile(50))
  })
})

describe('what the harness adds', () => {
  const added = (medianMs: number) => additionRow({ to: 'HTTP', medianMs, p99Ms: 9, count: 10 }, 1, []).state

  it('is within up to its limit in the median', () => {
    expect([added(0.3), added(0.99), added(1.01), added(-1.01)]).toEqual(['within', 'within', 'outside', 'outside'])
  })
})
