import { describe, expect, it } from 'vitest'
import { logMarks } from '../../../../pages/run/log-marks.ts'

describe('the marks of a logarithmic axis', () => {
  it('are round wherever the axis begins', () => {
    expect(logMarks(15.8, 398)).toEqual([20, 50, 100, 200])
    expect(logMarks(0.02, 0.9)).toEqual([0.02, 0.05, 0.1, 0.2, 0.5])
  })

  it('are powers of ten over a long range', () => {
    expect(logMarks(0.79, 5012)).toEqual([1, 10, 100, 1000])
  })

  it.each([
    [0.63, 1.26],
    [15.8, 31.6],
    [3, 6],
  ])('are there between %d and %d, a short range', (lowest, highest) => {
    expect(logMarks(lowest, highest).length).toBeGreaterThan(0)
  })
})
