import { describe, expect, it } from 'vitest'
import { historyLines } from '../../../../harness/report/history.ts'
import { hostile } from './fixture.ts'
import { historyOfDays, newerRuns, releasedHistory } from './history-fixture.ts'

const text = (lines: string[]) => lines.join('\n')

describe('a history in the terminal', () => {
  const released = historyLines(releasedHistory())

  it('has its runs and the answer first', () => {
    expect(released[1]).toBe('checkout: 24 runs from 2026-11-20 to 2026-12-13')
    expect(released[2]).toMatch(/^Of 11 statistics, \d+ got worse at the last change, \d+ show no change\.$/)
  })

  it('has the statistics that changed first: bars, levels, and since which run by how much', () => {
    const at = released.indexOf('✗ http_req_duration{method:GET,name:/orders} p(50)')
    expect(at).toBeLessThan(released.indexOf('= http_req_duration{method:GET,name:/products} p(50)'))
    expect(released[at + 1]).toMatch(/^ {4}[▁-█]{24}$/)
    expect(released[at + 2]).toBe(`    ${' '.repeat(15)}↑`)
    expect(released[at + 3]).toMatch(/^ {4}\d+(\.\d+)? ms → 1[12]\.\d ms, ±\d\.\d+ % between runs$/)
    expect(text(released.slice(at + 4, at + 6))).toMatch(
      /↑ slower by [12]\d\.\d % \(\+[12]\d\.\d % to \+[12]\d\.\d %\) from 2026-12-05 09:30 on:\s+run-15\/result\.json, commit=c15/,
    )
  })

  it('names what differs between groups, and what was left out', () => {
    const leftOut = Array.from({ length: 12 }, (_, index) => ({ path: `${index}`, reason: `${index} is empty` }))
    const lines = text(historyLines(historyOfDays(4, {}, newerRuns(1), leftOut)))
    expect(lines).toMatch(/There are 2 groups:\nthe Node differs: v26\.0\.0 in group 1; v24\.21\.0 in group 2/)
    expect(lines).toMatch(/Group 1, checkout: 1 run of 2027-02-28\nOne run is no trend yet\./)
    expect(lines).toContain('Too few runs to tell a change from chance: 8 are needed, better 20.')
    expect(lines).toContain('left out: 9 is empty\nand 2 more')
  })

  it('keeps within the width of a terminal', () => {
    expect(released.filter(line => line.length > 80)).toEqual([])
  })

  it('lets nothing repaint the terminal', () => {
    const named = historyOfDays(9, { medians: { [hostile]: 10, '/b': 5 }, tags: { [hostile]: hostile } })
    expect(text(historyLines(named))).not.toContain('\u001b[31m')
  })
})
