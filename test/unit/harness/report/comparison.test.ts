import { describe, expect, it } from 'vitest'
import { comparedRun } from '../../../../harness/comparison/compared-run.ts'
import { compareRuns } from '../../../../harness/comparison/comparison.ts'
import { comparisonLines, comparisonMarkdown, noiseLines } from '../../../../harness/report/comparison.ts'
import { type StoredRunOptions, storedRun } from '../../../support/stored-runs.ts'
import { hostile } from './fixture.ts'

const runs = (side: string, options: Omit<StoredRunOptions, 'id'> = {}) =>
  [1, 2, 3].map(number => comparedRun(`${side}-${number}.json`, storedRun({ id: `${side}-${number}`, ...options })))
const compare = (base: StoredRunOptions['medians'], other: StoredRunOptions['medians']) =>
  compareRuns(runs('base', { medians: base! }), runs('new', { medians: other! }), { tolerance: 0.05, seed: 1 })

describe('a comparison in a report', () => {
  const slower = compare({ '/orders': 10, '/products': 5 }, { '/orders': 500, '/products': 5 })

  it('has the count of each answer first', () => {
    expect(comparisonLines(slower).join(' ')).toMatch(
      /Of 11 statistics, \d got worse, \d did not change by more than 5 %/,
    )
  })

  it('gives large changes as a factor', () => {
    const lines = comparisonLines(slower)
    const at = lines.indexOf('✗ http_req_duration{method:GET,name:/orders} p(50)')
    expect(lines[at + 2]).toMatch(/^ {4}slower by [45]\d\.\d times \(× [345]\d\.\d to × [4567]\d\.\d\)$/)
  })

  it('keeps within the width of a terminal', () => {
    expect(comparisonLines(slower).filter(line => line.length > 80)).toEqual([])
  })

  it('escapes names in Markdown and in the terminal', () => {
    const named = compare({ [hostile]: 10, '/a|b`c': 5 }, { [hostile]: 10, '/a|b`c': 5 })
    const markdown = comparisonMarkdown(named)
    expect(markdown).not.toMatch(/<(?!br>|\/?sub>)/)
    expect(markdown).not.toContain('\u001b')
    const rows = markdown.split('\n').filter(line => line.startsWith('| `'))
    expect(rows.map(row => row.match(/(?<!\\)\|/g)?.length)).toEqual(rows.map(() => 6))
    expect([...comparisonLines(named), ...noiseLines(named)].join('\n')).not.toContain('\u001b[31m')
  })
})
