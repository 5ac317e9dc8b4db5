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
