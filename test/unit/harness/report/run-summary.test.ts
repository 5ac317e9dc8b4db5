import { describe, expect, it } from 'vitest'
import { compactLines, runSummary } from '../../../../harness/report/run-summary.ts'
import { emptyRun, failedRun, invalidRun, passedRun, severalLoadsRun } from './fixture.ts'

describe('the compact summary', () => {
  it('has the verdict with its reason, and the numbers', () => {
    expect(compactLines(passedRun())).toEqual([
      'PASSED      All 4 thresholds held, the load generator kept up, and the target’s own ledger agrees with what was measured.',
      '            mixed-streaming 40s · 15,120 requests · 378 a second · none failed · p50 4.20 ms · p95 18.5 ms · p99 46.2 ms · 4 of 4 thresholds passed',
    ])
    expect(compactLines(failedRun())[1]).toContain(' · 0.31 % failed · ')
  })

  it('names a metric without data once, however many conditions it has', () => {
    const run = passedRun()
    const thresholds = run.thresholds.map(each => ({ ...each, metric: 'checks', state: 'no-data' as const }))
    expect(compactLines({ ...run, thresholds, exitCode: 99 })[0]).toBe(
      'FAILED      4 thresholds had no data, which counts as failed: checks.',
    )
  })

  it('shows no percentiles of a run without requests', () => {
    expect(compactLines(emptyRun())[1]).toMatch(/ · 0 requests · 0 a second · none failed · no thresholds$/)
  })
})

describe('the summary for programs', () => {
  it('has the verdict and the numbers of the result, without what is long', () => {
    const run = invalidRun()
    const { verdict, sentence, report, ...rest } = runSummary(run, 'out/report.html')
    expect({ verdict, report }).toEqual({ verdict: 'INVALID', report: 'out/report.html' })
    expect(sentence).toContain('97 % of one core')
    expect(rest.totals).toEqual(run.totals)
    expect(rest.reconciliation).toEqual({ state: 'agrees', summary: run.reconciliation.summary })
    expect(JSON.stringify(rest).length).toBeLessThan(JSON.stringify(run).length / 2)
  })

  it('has the loads of a scenario with several, without their course over time', () => {
    const { loads } = runSummary(severalLoadsRun(), undefined)
    expect(loads?.map(({ load, requests }) => [load, requests])).toEqual([
      ['browse', 13_200],
      ['sale', 1000],
    ])
    expect(loads?.[0]).not.toHaveProperty('overTime')
    expect(runSummary(passedRun(), undefined)).not.toHaveProperty('loads')
  })

  it('names no report that could not be written', () => {
    expect(runSummary(passedRun(), undefined)).not.toHaveProperty('report')
  })
})
