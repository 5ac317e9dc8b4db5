import type { Attempt } from '../../labs/grade.ts'
import type { Lab, LabValues } from '../../labs/lab.ts'
import { attemptRows, doubtText, formatLabValue } from '../../labs/lab-text.ts'
import { wrapped } from '../../harness/report/terminal.ts'
import { textTable } from '../output/text-table.ts'

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
