import { describe, expect, it } from 'vitest'
import { evidenceOf } from '../../../../calibration/review/evidence.ts'
import { detailedRecordOf, recordOf, truthOf } from '../../../support/audited-run.ts'

describe('evidenceOf', () => {
  it('groups detailed records by connection and operation, in the order in which they came', () => {
    const slow = detailedRecordOf({ startedAt: 0, lastByteMs: 900 }, { connection: 2 })
    const quick = detailedRecordOf({ startedAt: 100, operation: 'products.list' }, { connection: 1 })
    const evidence = evidenceOf(truthOf([quick, slow, recordOf({ startedAt: 50 })]))
    expect(evidence.records).toEqual([slow, quick])
    expect([...evidence.connections]).toEqual([
      [2, [slow]],
      [1, [quick]],
    ])
    expect([...evidence.operations.keys()]).toEqual(['products.get', 'products.list'])
  })
})
