import { describe, expect, it } from 'vitest'
import { gamma, panelled } from '../../../../core/distributions/gamma.ts'
import { IncompleteGamma } from '../../../../core/incomplete-gamma.ts'
import { random } from '../../../../core/random.ts'

const shares = [
  2 ** -32,
  1e-12,
  1e-6,
  ...Array.from({ length: 400 }, (_, at) => random('shares').fork(at).next()),
  1 - 1e-6,
  1 - 2 ** -32,
]

describe('quantiles by panels', () => {
  it('equal those of the full computation to twelve digits, with few full computations', () => {
    let asked = 0
    const full = (share: number, above: number) => {
      asked += 1
      return share < 0.5 ? -Math.log1p(-share) : -Math.log(above)
    }
    const quick = panelled(full)
    for (const share of shares) expect(quick(share) / -Math.log1p(-share)).toBeCloseTo(1, 12)
    const before = asked
    for (const share of shares) quick(share)
    expect(asked - before).toBeLessThan(5)
  })

  it('do not depend on earlier calls', () => {
    const full = (_: number, above: number) => -Math.log(above)
    const [one, other] = [panelled(full), panelled(full)]
    const forward = shares.map(one)
    expect(shares.toReversed().map(other).reverse()).toEqual(forward)
  })

  it('are computed in full where no polynomial is accurate enough', () => {
    const bent = (share: number) => (share < 0.3 ? 1 : 1 + (share - 0.3) ** 2)
    const quick = panelled(bent)
    for (const share of [0.25, 0.29, 0.3, 0.305]) expect(quick(share)).toBe(bent(share))
    expect(panelled(() => 0)(0.5)).toBe(0)
  })

  it('are exact at their ends', () => {
    const quick = panelled((share, above) => (above === 0 ? Number.POSITIVE_INFINITY : share))
    expect(quick(0)).toBe(0)
    expect(quick(1)).toBe(Number.POSITIVE_INFINITY)
  })
})

describe.each([0.002, 0.05, 0.3, 1, 2.5, 30, 1000])('gamma of shape %d', shape => {
  it('has quantiles whose share is the requested one, also in the thin tail', () => {
    const share = new IncompleteGamma(shape)
    const distribution = gamma(shape, 1)
    for (const q of shares) {
      const value = distribution.quantile(q)
      // Below all numbers.
      if (value < 1e-290) continue
      // What a change of the last digits of the value makes of the share.
      const slack = 1e-11 * share.weight(value)
      if (q < 0.5) expect(Math.abs(share.lower(value) - q)).toBeLessThan(slack + 1e-13 * q)
      else expect(Math.abs(share.upper(value) - (1 - q))).toBeLessThan(slack + 1e-13 * (1 - q))
    }
  })
})
