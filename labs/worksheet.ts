import type { Attempt } from './grade.ts'

/** The answers of a learner to one lab, as a file that a teacher can collect. */
export interface Worksheet {
  format: 'loadcell.lab/1'
  lab: string
  /** Name that the learner gave. */
  learner: string
  /** Version of Loadcell. */
  version: string
  seed: number
  /** Each run, the first one first. */
  attempts: Attempt[]
  /** Absent if it was not answered. */
  question?: { answer: string; isRight: boolean }
}

/** Returns how many of the predictions came right or near, and how many there were. */
export function scoreOf({ attempts }: Pick<Worksheet, 'attempts'>): {
  right: number
  near: number
  predictions: number
} {
  const graded = attempts.flatMap(({ measures }) => measures.flatMap(({ nearness }) => nearness ?? []))
  const count = (wanted: string) => graded.filter(nearness => nearness === wanted).length
  return { right: count('right'), near: count('near'), predictions: graded.length }
}
