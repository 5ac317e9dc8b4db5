import { expect, it } from 'vitest'
import { plantedDefects } from '../../../../calibration/harness/defects/planted-defects.ts'
import { subjectNames } from '../../../../calibration/harness/subject.ts'
import { subjects } from '../../../../calibration/harness/subjects.ts'

it('every subject has a name of its own, a question and a method', () => {
  const names = subjects.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const { title, question, method } of subjects) {
    expect(question, title).toMatch(/\?$/)
    expect(method, title).toMatch(/\.$/)
  }
})

it('every planted defect has a name of its own, and a subject that must notice it', () => {
  const names = plantedDefects.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  const known: readonly string[] = subjects.map(({ name }) => name)
  expect(known).toEqual(subjectNames)
  expect(plantedDefects.filter(({ subject }) => !known.includes(subject))).toEqual([])
})
