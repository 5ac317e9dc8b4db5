import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../support/markdown.ts'
import { schemasOf } from '../../support/type-schema.ts'

const published = [
  { file: 'result-1.json', module: 'harness/results/run-result.ts', name: 'RunResult' },
  { file: 'summary-1.json', module: 'harness/report/run-summary.ts', name: 'RunSummary' },
  { file: 'ledger-1.json', module: 'contract/ledger.ts', name: 'LedgerReport' },
  { file: 'capacity-1.json', module: 'harness/capacity/capacity-result.ts', name: 'CapacityResult' },
  { file: 'audit-1.json', module: 'calibration/audit/audit-result.ts', name: 'AuditResult' },
  {
    file: 'harness-calibration-1.json',
    module: 'calibration/harness/certificate.ts',
    name: 'HarnessCertificate',
  },
  { file: 'comparison-1.json', module: 'harness/comparison/comparison.ts', name: 'RunComparison' },
  { file: 'history-1.json', module: 'harness/comparison/history.ts', name: 'RunHistory' },
].map(each => ({ ...each, id: `urn:loadcell:schema:${each.file.replace(/-(\d+)\.json$/, ':$1')}` }))

/** Run with `-u` to write them again. An incompatible change needs a new number, in the file and in `format`. */
describe('the published JSON Schemas', () => {
  const schemas = schemasOf(published)

  it.each(published.map(({ file }, index) => [file, schemas[index]] as const))(
    'describe the types as they are: schemas/%s',
    async (file, schema) => {
      await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(join(root, 'schemas', file))
    },
  )

  it('have no null in the results of runs, so that a reader never finds one in the place of a number', () => {
    const ofRuns = schemas.slice(0, 3).map(schema => JSON.stringify(schema))
    expect(ofRuns.filter(text => text.includes('"null"'))).toEqual([])
  })

  it('name the version that documents have in `format`', () => {
    const formats = schemas.map(({ properties }) => (properties as Record<string, unknown>)['format'])
    expect(formats).toEqual([
      { const: 'loadcell.run/1' },
      { const: 'loadcell.summary/1' },
      { const: 'loadcell.ledger/1' },
      { const: 'loadcell.capacity/1' },
      { const: 'loadcell.audit/1' },
      { const: 'loadcell.harness-calibration/1' },
      { const: 'loadcell.comparison/1' },
      { const: 'loadcell.history/1' },
    ])
  })
})
