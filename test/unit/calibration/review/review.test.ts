import { describe, expect, it } from 'vitest'
import { evidenceOf } from '../../../../calibration/review/evidence.ts'
import { review } from '../../../../calibration/review/review.ts'
import { detailedRecordOf, recordsOf, truthOf } from '../../../support/audited-run.ts'
import { requests } from '../../../support/review-evidence.ts'

describe('review', () => {
  it('lists the most harmful findings first, and the more frequent of equals', () => {
    const records = requests(100, index => detailedRecordOf({ startedAt: index, status: index < 60 ? 401 : 200 }))
    const findings = review(evidenceOf(truthOf(records)))
    const rank = { high: 0, medium: 1, low: 2 }
    const ranks = findings.map(({ harm }) => rank[harm])
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
    expect(findings[0]).toMatchObject({ id: 'ignored-401' })
    expect(findings.map(({ id }) => id)).toContain('few-ids')
  })

  it('finds nothing without details, but what the ledger itself tells', () => {
    expect(review(evidenceOf(truthOf(recordsOf(30)))).map(({ id }) => id)).toEqual(['single-operation'])
    expect(review(evidenceOf(truthOf([])))).toEqual([])
  })
})
