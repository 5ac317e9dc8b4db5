import { expect, it } from 'vitest'
import { courseProgress } from '../../../labs/course-progress.ts'
import type { Nearness } from '../../../labs/grade.ts'
import type { Worksheet } from '../../../labs/worksheet.ts'

function worksheet(lab: string, grades: Nearness[], isRight?: boolean): Worksheet {
  const measures = grades.map(nearness => ({
    measure: 'm',
    label: 'm',
    unit: 'ms',
    from: 'target',
    measured: 1,
    nearness,
  }))
  return {
    format: 'loadcell.lab/1',
    lab,
    learner: 'Ada',
    version: '0.0.0',
    seed: 1,
    attempts: [{ settings: {}, measures: measures as never }],
    ...(isRight !== undefined && { question: { answer: 'x', isRight } }),
  }
}

it('the progress of a course adds up the worksheets of each lab, and one right answer is enough', () => {
  const progress = courseProgress([
    worksheet('little', ['right', 'off'], true),
    worksheet('little', ['near'], false),
    worksheet('knee', []),
  ])
  expect([...progress]).toEqual([
    ['little', { runs: 2, predictions: 3, right: 1, near: 1, isRight: true }],
    ['knee', { runs: 1, predictions: 0, right: 0, near: 0 }],
  ])
})
