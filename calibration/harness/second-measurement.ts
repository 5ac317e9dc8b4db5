import type { CheckRow } from '../check-row.ts'
import type { HarnessBench } from './bench.ts'
import type { Subject, SubjectFindings } from './subject.ts'

/**
 * Checks a subject, and once more with the next seed if a row is outside. A row then counts as outside only if it is outside both
 * times: a defect shows again, while chance and a moment in which the machine was busy do not.
 */
export async function checkedTwice(subject: Subject, bench: HarnessBench): Promise<SubjectFindings> {
  const first = await subject.check(bench)
  if (!first.rows.some(isOutside)) return first
  const again = await subject.check({ ...bench, seed: bench.seed + 1 })
  // Rows are matched by their order, because the text of a row may have examples of what was wrong.
  if (again.rows.length !== first.rows.length) return first
  return { ...first, rows: first.rows.map((row, index) => confirmed(row, again.rows[index] as CheckRow)) }
}

/** Makes a row that was outside invalid if it is not outside in the second measurement. */
function confirmed(row: CheckRow, second: CheckRow): CheckRow {
  if (!isOutside(row) || isOutside(second)) return row
  return { ...row, state: 'invalid', reason: 'a second measurement was not outside' }
}

function isOutside({ state }: CheckRow): boolean {
  return state === 'outside'
}
