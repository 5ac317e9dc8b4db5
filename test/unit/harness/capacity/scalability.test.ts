import { describe, expect, it } from 'vitest'
import { random } from '../../../../core/random.ts'
import {
  fitScalability,
  fittedThroughput,
  type ScalabilityParameters,
} from '../../../../harness/capacity/scalability.ts'

const law = (lambda: number, sigma: number, kappa: number) => (n: number) =>
  (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1))

const statesOf = (throughput: (n: number) => number, loads: readonly number[]) =>
  loads.map(concurrency => ({ concurrency, perSecond: throughput(concurrency) }))

function fitted(...args: Parameters<typeof fitScalability>): ScalabilityParameters & { state: string } {
  const fit = fitScalability(...args)
  if (fit.state === 'too_few') throw new Error(fit.reason)
  return fit
}

describe('fitScalability', () => {
  const loads = [1, 2, 4, 8, 16, 32, 64]

  it('recovers the parameters of the law exactly', () => {
    const fit = fitted(statesOf(law(100, 0.05, 0.001), loads))
    expect(fit.state).toBe('fits')
    expect([fit.single.value, fit.contention.value, fit.coherency.value]).toEqual([
      expect.closeTo(100, 6),
      expect.closeTo(0.05, 8),
      expect.closeTo(0.001, 8),
    ])
    expect(fit.peak?.concurrency).toBeCloseTo(Math.sqrt(0.95 / 0.001), 6)
    expect(fittedThroughput(fit, 16)).toBeCloseTo(law(100, 0.05, 0.001)(16), 6)
  })

  it('finds M/M/1, which is the law with σ = ½ and its knee as the ceiling', () => {
    const fit = fitted(statesOf(n => (200 * n) / (1 + n), loads))
    expect(fit.contention.value).toBeCloseTo(0.5, 6)
    expect(fit.ceilingPerSecond).toBeCloseTo(200, 6)
    expect(fit.peak).toBeUndefined()
  })

  it('has no peak as long as its κ may be zero, only a ceiling', () => {
    const draws = random(0)
    const noisy = (n: number) => law(100, 0.5, 0)(n) * (1 + 0.1 * (draws.next() - 0.5))
    const fit = fitted(statesOf(noisy, [1, 2, 4, 6, 8, 8, 10]))
    expect(fit.coherency.value).toBeGreaterThan(0)
    expect(fit.coherency.low).toBe(0)
    expect(fit.peak).toBeUndefined()
    expect(fit.ceilingPerSecond).toBeGreaterThan(100)
  })

  it('has no ceiling for a service that scales without a limit, and never a negative parameter', () => {
    const fit = fitted(statesOf(n => 10 * n ** 1.02, loads))
    expect(fit.ceilingPerSecond).toBeUndefined()
    expect([fit.contention.value, fit.coherency.value]).toEqual([0, 0])
  })

  it('has intervals that contain the true parameters in most of thirty noisy services', () => {
    const hits = Array.from({ length: 30 }, (_, seed) => {
      const draws = random(seed)
      const noisy = (n: number) => law(100, 0.05, 0.001)(n) * (1 + 0.04 * (draws.next() - 0.5))
      const { contention } = fitted(statesOf(noisy, [...loads, ...loads]))
      return contention.low <= 0.05 && 0.05 <= contention.high
    })
    expect(hits.filter(Boolean).length).toBeGreaterThanOrEqual(24)
  })

  it('says that it does not fit a service with a plateau that breaks off', () => {
    const plateau = (n: number) => (n <= 16 ? 100 * n : n <= 32 ? 1600 : 400)
    expect(fitted(statesOf(plateau, loads)).state).toBe('does_not_fit')
  })

  it('does not fit few probes, or probes that are all alike', () => {
    expect(fitScalability(statesOf(law(100, 0, 0), [1, 2, 4]))).toMatchObject({
      state: 'too_few',
      reason: expect.stringContaining('3 probes') as string,
    })
    expect(fitScalability(statesOf(law(100, 0, 0), [1, 1.1, 1.2, 1.3, 1.4]))).toMatchObject({
      state: 'too_few',
      reason: expect.stringContaining('factor of 1.4') as string,
    })
  })
})
