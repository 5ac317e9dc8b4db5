import { describe, expect, it } from 'vitest'
import { type CheckRow, exactRow, judged } from '../../../../../calibration/check-row.ts'
import type { HarnessBench } from '../../../../../calibration/harness/bench.ts'
import { detectionRow } from '../../../../../calibration/harness/defects/defects.ts'
import { run } from '../../../../../harness/run/run.ts'

describe('a planted defect', () => {
  const noticed = (...rows: CheckRow[]) => {
    const seen: HarnessBench[] = []
    const check = async (bench: HarnessBench) => {
      seen.push(bench)
      return rows
    }
    const row = detectionRow({ size: 'full' } as HarnessBench, { name: 'a bug', subject: 'counts', run, check })
    return { row, seen }
  }
  const good = exactRow('requests', 3, 3)
  const bad = exactRow('samples', 3, 2)
  const busy = judged(exactRow('times', 3, 2), 'the machine was busy')

  it('is noticed if a row is outside, which the row of the defect names', async () => {
    expect(await noticed(good, busy, bad).row).toEqual(exactRow('a bug: noticed by counts (samples)', 1, 1))
  })

  it('is missed if no row is outside', async () => {
    expect(await noticed(good).row).toEqual(exactRow('a bug: noticed by counts', 1, 0))
  })

  it('proves nothing if the machine was too busy to notice it', async () => {
    expect(await noticed(good, busy).row).toMatchObject({ state: 'invalid', reason: 'the machine was busy' })
  })

  it('is planted in the quick form of a check', async () => {
    const { row, seen } = noticed(good)
    await row
    expect(seen).toEqual([{ size: 'quick', measure: run }])
  })
})
