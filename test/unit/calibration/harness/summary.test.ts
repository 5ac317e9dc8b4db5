import { expect, it } from 'vitest'
import { certificateLines } from '../../../../calibration/harness/summary.ts'
import { certificate, invalidRow, outsideRow, withinRow } from './certificate-fixture.ts'

it('the summary of a certificate names each row that is not within its interval, and no other', () => {
  const lines = certificateLines(certificate(withinRow, invalidRow, outsideRow))
  expect(lines).toEqual([
    'DEVIATING: 2 of 4 rows within their intervals, 1 outside, 1 invalid',
    '  Latency: 1 of 3 rows within',
    '    ! invalid: HTTP: p75: expected 50 ms, observed 62.5 ms (60 … 65 ms); timers beside the harness were late by 80.0 ms at p99',
    '    ✗ outside: executor <b>constant-vus</b>: counts that differ: expected 0, observed 3 (exactly)',
    '  Defects: 1 of 1 rows within',
    '  the harness adds to HTTP, service time: 0.21 ms in the median, 1.40 ms at p99',
    expect.stringMatching(/^ONE ROW IS INVALID: /),
  ])
})
