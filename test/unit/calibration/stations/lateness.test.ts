import { describe, expect, it } from 'vitest'
import { tooLate } from '../../../../calibration/stations/lateness.ts'
import type { FaultRuleReport } from '../../../../contract/faults/report.ts'
import { histogramOf } from '../histogram-of.ts'

describe('evidence of late arrivals', () => {
  const result = (values: number[]) => ({
    series: [
      { metric: 'send_delay' as const, tags: {}, value: { kind: 'trend' as const, histogram: histogramOf(values) } },
    ],
  })
  const report = (values: number[]) => ({ delay: { error: histogramOf(values) } }) as unknown as FaultRuleReport
  const onTime = Array.from({ length: 1000 }, () => 0.05)

  it('is the root mean square of the lateness at either end, in mean gaps', () => {
    expect(tooLate(result(onTime), report(onTime), 5)).toBeUndefined()
    // One in a hundred is late by 20 ms, so the root mean square is 2 ms.
    const bursts = onTime.map((late, at) => (at % 100 === 0 ? 20 : late))
    expect(tooLate(result(bursts), report(onTime), 5)).toMatch(
      /^the harness sent late by 2.00 ms .* the limit is 1.00 ms$/,
    )
    expect(tooLate(result(onTime), report(bursts), 5)).toMatch(/^the target served late by 2.00 ms/)
    expect(tooLate(result(bursts), report(bursts), 20)).toBeUndefined()
  })
})
