import { scoreOf } from '../../labs/worksheet.ts'
import { textTable } from '../output/text-table.ts'
import { readWorksheet } from './worksheet-file.ts'

/** Prints a row for each worksheet: who, which lab, and how good the predictions and the answer were. @throws InputError */
export function gradeWorksheets(files: readonly string[], json: boolean): void {
  const rows = files.map(file => {
    const worksheet = readWorksheet(file)
    const { learner, lab, seed, attempts, question } = worksheet
    return { learner, lab, seed, runs: attempts.length, ...scoreOf(worksheet), answer: question?.isRight ?? null }
  })
  const sorted = [...rows].sort((a, b) => (a.learner < b.learner ? -1 : a.learner > b.learner ? 1 : 0))
  if (json) {
    process.stdout.write(`${JSON.stringify(sorted, undefined, 2)}\n`)
    return
  }
  const table = textTable(
    ['learner', 'lab', 'question', 'runs', 'predictions', 'right', 'near', 'seed'],
    sorted.map(({ learner, lab, answer, runs, predictions, right, near, seed }) => [
      learner,
      lab,
      answer === null ? 'not answered' : answer ? 'right' : 'wrong',
      ...[runs, predictions, right, near, seed].map(String),
    ]),
    3,
  )
  process.stdout.write(`${table.join('\n')}\n`)
}
