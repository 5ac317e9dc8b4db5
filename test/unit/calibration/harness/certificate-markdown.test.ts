import { expect, it } from 'vitest'
import { certificateMarkdown } from '../../../../calibration/harness/certificate-markdown.ts'
import { certificate, invalidRow, outsideRow, unboundedRow, withinRow } from './certificate-fixture.ts'

it('the Markdown of a certificate has its machine, its resolution and every row', () => {
  const markdown = certificateMarkdown(certificate(withinRow, unboundedRow, outsideRow))
  expect(markdown).toContain('**DEVIATING**: 3 of 4 rows within their intervals, 1 outside, 0 invalid')
  expect(markdown).toContain('Loadcell 1.2.3, Node v24.0.0, linux x64, 2 × A <fast> CPU; seed 7, quick, 25s.')
  expect(markdown).toContain('| HTTP, service time | 0.21 ms | 1.40 ms | 240 |')
  expect(markdown).toContain('| HTTP: p50 | 62 ms | 62.5 ms | 60 … 65 ms | ✓ within |')
  expect(markdown).toContain('| HTTP: p99 | 150 ms | 149 ms | 60 … ∞ | ✓ within |')
  expect(markdown).toContain('counts that differ | 0 | 3 | exactly | ✗ outside |')
  expect(markdown).not.toContain('INVALID')
})

it('the Markdown of a certificate says loudly that rows are invalid, and why', () => {
  const markdown = certificateMarkdown(certificate(invalidRow))
  expect(markdown).toContain('**ONE ROW IS INVALID**: the machine was too busy')
  expect(markdown).toContain('| ! invalid: timers beside the harness were late by 80.0 ms at p99 |')
  expect(certificateMarkdown(certificate(invalidRow, invalidRow))).toContain('**2 ROWS ARE INVALID**')
})
