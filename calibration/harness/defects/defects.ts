import { type CheckRow, exactRow } from '../../check-row.ts'
import type { HarnessBench } from '../bench.ts'
import type { Subject } from '../subject.ts'
import { type Defect, plantedDefects } from './planted-defects.ts'

const MOST_AT_ONCE = 6

export const defects: Subject = {
  name: 'defects',
  title: 'Planted defects',
  question: 'Would this calibration notice if the harness were wrong?',
  method:
    'The same checks are repeated, in their quick form, with a harness that has one known defect. At least one of their rows must be outside.',
  async check(bench) {
    const rows: CheckRow[] = []
    for (const group of groupsOf(plantedDefects)) {
      rows.push(...(await Promise.all(group.map(defect => detectionRow(bench, defect)))))
    }
    return { rows }
  },
}

/** Returns the defects that are checked at the same time. */
function groupsOf(defects: readonly Defect[]): Defect[][] {
  const together = defects.filter(({ isAlone }) => !isAlone)
  const groups = Array.from({ length: Math.ceil(together.length / MOST_AT_ONCE) }, (_, index) =>
    together.slice(index * MOST_AT_ONCE, (index + 1) * MOST_AT_ONCE),
  )
  return [...groups, ...defects.filter(({ isAlone }) => isAlone).map(defect => [defect])]
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
