import { expect, it } from 'vitest'
import { lessons } from '../../../cli/scenarios/lessons.ts'
import { readyScenarios } from '../../../cli/loading/ready-scenarios.ts'
import { sections, tablesIn } from '../../support/markdown.ts'

/** Removes what a terminal does not show: code marks, and links in brackets. */
const plain = (cell: string) => cell.replaceAll(/ \(\[[^\]]*\]\([^)]*\)\)/g, '').replaceAll('`', '')

it('has a lesson for each ready scenario, which the README tells in the same words and order', () => {
  const section = sections('README.md').find(({ title }) => title === 'Ready scenarios')
  const [[, ...rows] = []] = tablesIn(section?.text ?? '')
  expect(rows.map(row => row.map(plain))).toEqual(Object.entries(lessons))
  expect(Object.keys(lessons).sort()).toEqual(readyScenarios())
})
