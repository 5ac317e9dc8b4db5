import { describe, expect, it } from 'vitest'
import { sparkline } from '../../../../harness/report/sparkline.ts'

const options = { width: 60, leastRange: 1 }

describe('sparkline', () => {
  it('draws values from the lowest to the highest', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], [], options).bars).toBe('▁▂▃▄▅▆▇█')
  })

  it('leaves a gap where a value is missing', () => {
    expect(sparkline([0, null, 7], [], options).bars).toBe('▁ █')
  })

  it('marks the first run after each change', () => {
    expect(sparkline([0, 0, 9, 9, 0], [2, 4], options)).toEqual({ bars: '▁▁██▁', marks: '  ↑ ↑' })
  })

  it('draws values that hardly differ as nearly equal', () => {
    expect(sparkline([100, 100.1, 99.9], [], { width: 60, leastRange: 10 }).bars).toBe('▅▅▄')
    expect(sparkline([5, 5, 5], [], { width: 60, leastRange: 0 }).bars).toBe('▅▅▅')
  })

  it('keeps within the width, with the mark where it belongs', () => {
    const values = Array.from({ length: 150 }, (_, index) => (index < 90 ? 1 : 9))
    const { bars, marks } = sparkline(values, [90], { width: 60, leastRange: 1 })
    expect(bars).toHaveLength(50)
    expect(marks.length).toBe(bars.indexOf('█') + 1)
  })
})
