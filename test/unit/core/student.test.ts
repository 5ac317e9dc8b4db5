import { describe, expect, it } from 'vitest'
import { normalCdf } from '../../../core/normal.ts'
import { studentCdf, studentQuantile } from '../../../core/student.ts'

describe('Student’s t', () => {
  it.each([
    [0.975, 1, 12.7062],
    [0.975, 2, 4.3027],
    [0.95, 3, 2.3534],
    [0.975, 10, 2.2281],
    [0.995, 19, 2.8609],
    [0.9995, 49, 3.5004],
    [0.5, 20, 0],
    [0.025, 4, -2.7764],
  ])('has the quantiles of published tables: %d with %d degrees is %d', (q, degrees, expected) => {
    expect(studentQuantile(q, degrees)).toBeCloseTo(expected, 3)
  })

  it('has a distribution function that its quantiles invert', () => {
    for (const degrees of [1, 2, 3, 7, 30, 200])
      for (const q of [0.001, 0.2, 0.5, 0.9, 0.9999])
        expect(studentCdf(studentQuantile(q, degrees), degrees), `${degrees} degrees`).toBeCloseTo(q, 9)
  })

  it('approaches the normal distribution', () => {
    for (const t of [-2, 0, 0.5, 3]) expect(studentCdf(t, 5000)).toBeCloseTo(normalCdf(t), 3)
  })
})
