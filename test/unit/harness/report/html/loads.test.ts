import { describe, expect, it } from 'vitest'
import { loadCharts, loadMarks, loadTable } from '../../../../../harness/report/html/loads.ts'
import { chartViews, viewChoice } from '../../../../../harness/report/html/views.ts'
import { renderReport } from '../../../../../harness/report/html.ts'
import { passedRun, severalLoadsRun } from '../fixture.ts'

describe('loads in a report', () => {
  it('have a table with the plan, time and numbers of each', () => {
    const source = loadTable(severalLoadsRun())!.source
    expect(source).toContain('<th scope="row" data-value="sale">sale</th>')
    for (const words of ['50 users for 40s', '20s–40s', '>1,003<', '>13,200<']) expect(source).toContain(words)
    expect(loadTable(passedRun())).toBeUndefined()
    expect(renderReport(passedRun())).not.toContain('id="loads"')
  })

  it('have charts of users by load, and of what was due and completed in each', () => {
    const [users, browse, sale] = loadCharts(severalLoadsRun())
    expect(users?.series.map(({ label }) => label)).toEqual(['browse', 'sale'])
    expect(browse?.series.map(({ label }) => label)).toEqual(['completed'])
    expect(sale?.title).toBe('Load sale, iterations a second')
    expect(sale?.series.map(({ label, values }) => [label, values[0], values.at(-1)])).toEqual([
      ['completed', 0, 49],
      ['due', 0, 50],
    ])
    expect(loadCharts({ loads: severalLoadsRun().loads!.slice(0, 1) })).toEqual([])
    const page = renderReport(severalLoadsRun())
    for (const id of ['load-users', 'load-0', 'load-1']) expect(page).toContain(`data-chart="${id}"`)
  })

  it('are marked in all charts where they start and end within the run', () => {
    const [browse, sale] = severalLoadsRun().loads!
    expect(loadMarks([browse!, sale!], 39_000)).toEqual([{ atMs: 20_000, label: 'sale starts' }])
    expect(loadMarks([{ ...browse!, toMs: 30_000 }], 39_000)).toEqual([{ atMs: 30_000, label: 'browse ends' }])
    expect(loadMarks([{ ...sale!, fromMs: 9000, toMs: 9000 }], 39_000)).toEqual([])
    expect(renderReport(severalLoadsRun())).toContain('"label":"sale starts"')
  })

  it('can be chosen as what the charts show, and name the kinds of user in them', () => {
    const run = severalLoadsRun()
    const { views } = chartViews(run)
    const choice = viewChoice(run)!.source
    expect(views.slice(-2).map(({ label }) => label)).toEqual(['browse', 'sale'])
    expect(choice).toContain(`<optgroup label="Loads"><option value="${views.length - 2}">browse</option>`)
    expect(choice).toContain('>browse · producer</option>')
    expect(views[0]?.label).toBe('browse · producer')
    expect(viewChoice(passedRun())!.source).not.toContain('Loads')
  })
})
