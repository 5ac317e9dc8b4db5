import { describe, expect, it } from 'vitest'
import { certificate, invalidRow, outsideRow, unboundedRow, withinRow } from './certificate-fixture.ts'

describe('the certificate of a calibration', () => {
  it('is deviating with one row outside, unproven with an invalid one, and calibrated if all are within', () => {
    expect(certificate(withinRow, unboundedRow)).toMatchObject({
      verdict: 'calibrated',
      counts: { within: 3, outside: 0, invalid: 0 },
    })
    expect(certificate(withinRow, invalidRow)).toMatchObject({
      verdict: 'unproven',
      counts: { within: 2, outside: 0, invalid: 1 },
    })
    expect(certificate(withinRow, invalidRow, outsideRow)).toMatchObject({
      verdict: 'deviating',
      counts: { within: 2, outside: 1, invalid: 1 },
    })
  })

  it('survives JSON, also an interval without an upper end', () => {
    const whole = certificate(withinRow, unboundedRow, invalidRow)
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole)
    expect(whole.subjects[0]?.rows[1]?.interval).toEqual({ level: 0.9999, low: 60, high: null })
  })
})
