import { describe, expect, it } from 'vitest'
import { repetitionsIn } from '../../../../calibration/audit/repetitions.ts'
import { detailedRecordOf, recordOf } from '../../../support/audited-run.ts'

const get = (startedAt: number, status: number, url = '/api/v1/products/7') =>
  detailedRecordOf({ startedAt, status, ...(status === 0 && { outcome: 'cut' as const }) }, { url })

describe('repetitionsIn', () => {
  it('counts requests that failed and came again, each once', () => {
    expect(repetitionsIn([get(0, 503), get(10, 429), get(20, 0), get(30, 200), get(40, 200)])).toBe(3)
  })

  it('does not count another request, one that came long after, or one that was under way already', () => {
    expect(repetitionsIn([get(0, 503), get(10, 200, '/api/v1/products/8')])).toBe(0)
    expect(repetitionsIn([get(0, 503), get(90_000, 200)])).toBe(0)
    expect(repetitionsIn([get(0, 503), get(2, 200)])).toBe(0)
    expect(repetitionsIn([get(0, 404), get(10, 200)])).toBe(0)
  })

  it('goes by operations where the target kept no details', () => {
    expect(repetitionsIn([recordOf({ status: 503 }), recordOf({ startedAt: 10 })])).toBe(1)
  })
})
