import { describe, expect, it } from 'vitest'
import { userIdsOf } from '../../../../harness/load/user-ids.ts'

const load = (vus: number) => ({ executor: 'constant-vus', vus, durationMs: 1, gracefulStopMs: 0 }) as const

describe('userIdsOf', () => {
  it('gives every user of every load another id, also those beyond the plan', () => {
    const [browse, sale] = userIdsOf([
      { firstId: 0, load: load(3) },
      { firstId: 3, load: load(2) },
    ])
    const ids = (of: ((ordinal: number) => number) | undefined) => [0, 1, 2, 3, 4].map(ordinal => of?.(ordinal))
    expect(ids(browse)).toEqual([0, 1, 2, 5, 7])
    expect(ids(sale)).toEqual([3, 4, 6, 8, 10])
  })

  it('goes on counting where there is one load only', () => {
    const [only] = userIdsOf([{ firstId: 0, load: load(2) }])
    expect([0, 1, 2, 3].map(ordinal => only?.(ordinal))).toEqual([0, 1, 2, 3])
  })
})
