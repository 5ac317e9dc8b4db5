import { type CheckRow, exactRow } from '../../check-row.ts'
import type { HarnessBench } from '../bench.ts'
import type { Subject } from '../subject.ts'
import { type Defect, plantedDefects } from './planted-defects.ts'

export const defects: Subject = {
  name: 'defects',
  title: 'Planted defects',
  question: 'Would this calibration notice if the harness were wrong?',
  method:
    'The same checks are repeated, in their quick form, with a harness that has one known defect. At least one of their rows must be outside.',
  async check(bench) {
    const rows: CheckRow[] = []
    const groups = Map.groupBy(plantedDefects, ({ name, subject, isAlone }) => (isAlone ? name : subject))
    for (const group of groups.values()) {
      rows.push(...(await Promise.all(group.map(defect => detectionRow(bench, defect)))))
    }
    return { rows }
  },
}

/** Checks a harness with a defect, and returns the row on whether that was noticed. */
export async function detectionRow(bench: HarnessBench, { name, subject, run, check }: Defect): Promise<CheckRow> {
  const rows = await check({ ...bench, size: 'quick', measure: run })
  const outside = rows.filter(({ state }) => state === 'outside')
  const example = outside[0] === undefined ? '' : ` (${outside[0].what})`
  const row = exactRow(`${name}: noticed by ${subject}${example}`, 1, Math.min(1, outside.length))
  const invalid = rows.find(({ state }) => state === 'invalid')
  if (row.state === 'within' || invalid?.reason === undefined) return row
  return { ...row, state: 'invalid', reason: invalid.reason }
}
