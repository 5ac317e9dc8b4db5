import { describe, expect, it } from 'vitest'
import type { DistributionValue } from '../../../../core/distributions/value.ts'
import { kneeCurve } from '../../../../target/capacity/knee-curve.ts'
import { settingsOf } from '../../../../target/capacity/station-settings.ts'

const curve = (service: DistributionValue, servers: number, queue = 1000) =>
  kneeCurve(settingsOf({ type: 'capacity', servers, service, queue })!)

describe('kneeCurve', () => {
  it('is that of M/M/1 below the knee: service ÷ (1 − utilisation)', () => {
    const { model, points } = curve({ type: 'exponential', mean: '10ms' }, 1, 100_000)
    expect(model).toBe('M/M/c/K')
    for (const { perSecond, meanMs } of points.filter(point => point.perSecond < 95)) {
      expect(meanMs).toBeCloseTo(10 / (1 - perSecond / 100), 6)
    }
  })

  it('goes on beyond the knee where the queue is bounded, and stays below a full queue', () => {
    const { points } = curve({ type: 'exponential', mean: '10ms' }, 1, 10)
    expect(points.at(-1)?.perSecond).toBeCloseTo(125)
    expect(points.at(-1)?.meanMs).toBeLessThan(110)
  })

  it('is that of M/D/1 for a constant service, and ends before the knee', () => {
    const { points } = curve('10ms', 1)
    const half = points.find(({ perSecond }) => Math.abs(perSecond - 50) < 0.01)
    expect(half?.meanMs).toBeCloseTo(15, 6)
    expect(points.at(-1)?.perSecond).toBeLessThan(100)
  })

  it('has no points for services that take no time', () => {
    expect(curve('0ms', 1).points).toEqual([])
  })
})
