import { expect, it } from 'vitest'
import { auditLines } from '../../../../calibration/audit/summary.ts'
import { recordsOf, truthOf } from '../../../support/audited-run.ts'
import { auditedReport, reportOf } from '../../../support/compared-report.ts'

const plainPaint = (_: unknown, text: string) => text

it('names three of the names that stand for one operation, and counts the others', () => {
  const rows = Array.from({ length: 100 }, (_, index) => ({ name: `/products/${index + 1}`, requests: 1 }))
  const lines = auditLines(auditedReport(truthOf(recordsOf(100)), reportOf({ requests: 100 }, { rows })), plainPaint)
  expect(lines).toContain('products.get  /products/1, /products/2, /products/3, and 97 other names')
})

it('cuts a name that is longer than a line', () => {
  const rows = [
    { name: `/products/${'1'.repeat(500)}`, requests: 10 },
    { name: 'x'.repeat(500), requests: 5 },
  ]
  const lines = auditLines(auditedReport(truthOf(recordsOf(15)), reportOf({ requests: 15 }, { rows })), plainPaint)
  expect(lines.filter(line => line.length > 200)).toEqual([])
  expect(lines.join('\n')).toContain('…')
})
