import type { LabDone } from '../pages/lab/lab-state.ts'
import { scoreOf, type Worksheet } from './worksheet.ts'

/** Returns by lab what a learner has done, from all worksheets of that lab. A right answer on one of them counts. */
export function courseProgress(worksheets: Iterable<Worksheet>): Map<string, LabDone> {
  const byLab = new Map<string, LabDone>()
  for (const worksheet of worksheets) {
    const { lab, attempts, question } = worksheet
    const { runs, predictions, right, near, isRight } = byLab.get(lab) ?? { runs: 0, predictions: 0, right: 0, near: 0 }
    const score = scoreOf(worksheet)
    const answer = question === undefined ? isRight : isRight === true || question.isRight
    byLab.set(lab, {
      runs: runs + attempts.length,
      predictions: predictions + score.predictions,
      right: right + score.right,
      near: near + score.near,
      ...(answer !== undefined && { isRight: answer }),
    })
  }
  return byLab
}
