import { describe, expect, it } from 'vitest'
import { linesOf, topOfCurves } from '../../../labs/curve.ts'
import { defaultSettings } from '../../../labs/lab-input.ts'
import { knee } from '../../../labs/lessons/knee.ts'
import { little } from '../../../labs/lessons/little.ts'
import { servers } from '../../../labs/lessons/servers.ts'

describe('the axis of a curve', () => {
  it('has room above the formula, up to a round number', () => {
    // The highest point is 100 ms.
    expect(topOfCurves(knee, defaultSettings(knee))).toBe(200)
    expect(topOfCurves(knee, { ...defaultSettings(knee), serviceMs: 3 })).toBe(50)
  })

  it('is 1 where there is nothing to draw', () => {
    expect(topOfCurves(little, defaultSettings(little))).toBe(1)
  })
})

describe('the line of a formula', () => {
  it('is smooth where the formula is known between the points', () => {
    const [line = []] = linesOf(knee, defaultSettings(knee))
    expect(line).toHaveLength(61)
    expect(line[0]).toEqual([0.25, expect.closeTo(13.33, 2)])
    expect(line.at(-1)).toEqual([expect.closeTo(0.9, 9), expect.closeTo(100, 6)])
  })

  it('joins the points elsewhere', () => {
    const [line = []] = linesOf(servers, defaultSettings(servers))
    expect(line.map(([x]) => x)).toEqual([1, 2, 4, 8])
  })

  it('is not there without curves', () => {
    expect(linesOf(little, defaultSettings(little))).toEqual([])
  })
})
