import { courseProgress } from '../../labs/course-progress.ts'
import { labs } from '../../labs/course.ts'
import type { LabDone } from '../../pages/lab/lab-state.ts'
import { counted } from '../../harness/report/quantity.ts'
import { textTable } from '../output/text-table.ts'
import { learnerName } from './learner.ts'
import { findWorksheets } from './worksheet-file.ts'

/** Returns the labs in the order of the course, with what the worksheets of this place say of the learner. */
export function listingLines(learner = learnerName()): string[] {
  const progress = courseProgress(findWorksheets().worksheets.filter(worksheet => worksheet.learner === learner))
  const table = textTable(
    ['', 'lab', 'what it is about', ...(progress.size === 0 ? [] : [`done by ${learner}`])],
    labs.map(({ name, title }, index) => [String(index + 1), name, title, doneInWords(progress.get(name))]),
  )
  return [...table, '', 'Begin with: loadcell lab percentiles', 'All of them on a page: loadcell lab --ui']
}

function doneInWords(done: LabDone | undefined): string {
  if (done === undefined) return ''
  const answer = done.isRight === undefined ? 'not answered' : done.isRight ? 'answered right' : 'answered wrong'
  return `${counted(done.runs, 'run')}, ${answer}`
}
