import { courseProgress } from '../../labs/course-progress.ts'
import { labs } from '../../labs/course.ts'
import type { Attempt } from '../../labs/grade.ts'
import type { Lab, LabValues } from '../../labs/lab.ts'
import { attemptRows, doubtText, formatLabValue } from '../../labs/lab-text.ts'
import type { LabDone } from '../../pages/lab/lab-state.ts'
import { counted } from '../../harness/report/quantity.ts'
import { wrapped } from '../../harness/report/terminal.ts'
import { textTable } from '../output/text-table.ts'
import { findWorksheets, learnerName } from './worksheet-file.ts'

const WIDTH = 100

export function introduction({ title, story, settings }: Lab, values: LabValues): string[] {
  return [
    title,
    '='.repeat(title.length),
    ...story.flatMap(paragraph => ['', ...wrapped(paragraph, WIDTH)]),
    '',
    ...textTable(
      ['setting', '', 'value'],
      Object.entries(settings).map(([name, { label, unit }]) => [
        name,
        label,
        formatLabValue(values[name] as number, unit),
      ]),
      2,
    ),
  ]
}

export function attemptLines(attempt: Attempt, lab: Pick<Lab, 'loads'>): string[] {
  const doubt = doubtText(attempt, lab)
  return [
    '',
    ...textTable(['', 'predicted', 'by the formula', 'measured', 'by', ''], attemptRows(attempt)),
    ...(doubt === undefined ? [] : ['', ...wrapped(`! ${doubt}`, WIDTH)]),
    '',
  ]
}

export function questionLines({ question: { ask, options } }: Lab): string[] {
  return [...wrapped(ask, WIDTH), ...options.map((option, index) => `  ${index + 1}. ${option}`)]
}

/** @param chosen number of the option that was chosen, from 1, as is the right one */
export function verdictLines({ question, next }: Lab, chosen: number | undefined, right: number): string[] {
  const verdict = chosen === undefined ? 'The answer is' : chosen === right ? '✓ Right:' : '✗ The right answer is'
  return [
    '',
    `${verdict} ${right}. ${question.options[right - 1]}`,
    ...wrapped(question.because, WIDTH),
    '',
    ...wrapped(`Try next: ${next}`, WIDTH),
    '',
  ]
}

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
