import { describe, expect, it } from 'vitest'
import { regressionSentences, regressionText } from '../../../../harness/report/regressions.ts'
import { summaryLines } from '../../../../harness/report/summary.ts'
import type { RegressionVerdict } from '../../../../harness/results/run-result.ts'
import { failedRun } from './fixture.ts'

const verdict: RegressionVerdict = {
  demand: 'http_req_duration p(95) 5%',
  state: 'failed',
  unit: 'ms',
  limit: 0.05,
  baselines: 5,
  base: 10,
  observed: 12,
  change: 0.2,
  interval: { low: 0.1, high: 0.31 },
}
const { interval: _, ...single } = verdict

describe('a comparison with the baseline in a report', () => {
  it('has both values, the change and its interval', () => {
    expect(regressionText(verdict)).toBe('12.0 ms, baseline 10.0 ms: +20.0 % (+10.0 % to +31.0 %)')
  })

  it('says that a single baseline shows no noise', () => {
    expect(regressionText({ ...single, baselines: 1 })).toContain('from 1 run, too few to know the noise between runs')
  })

  it('says what narrows an interval that cannot tell', () => {
    expect(regressionText({ ...verdict, state: 'unclear' })).toMatch(/; cannot tell: more baseline runs or longer runs/)
  })

  it('gives the limits that were broken, and what has no data, in sentences', () => {
    const { demand, unit, limit, baselines } = verdict
    expect(regressionSentences([verdict, { demand, unit, limit, baselines, state: 'no-data' }])).toEqual([
      'The run is worse than its baseline: http_req_duration p(95) may get worse by 5 %, and was 12.0 ms, baseline 10.0 ms: +20.0 % (+10.0 % to +31.0 %).',
      'http_req_duration p(95) 5% cannot be compared with the baseline: one of them has no data.',
    ])
    expect(regressionSentences([{ ...verdict, state: 'unclear' }])).toEqual([])
  })

  it('stands in the summary only if there was a baseline', () => {
    expect(summaryLines({ ...failedRun(), regressions: [verdict] }).join('\n')).toMatch(
      /baseline {4}✗ http_req_duration p\(95\) 5%\n {14}12\.0 ms, baseline/,
    )
    expect(summaryLines(failedRun()).join('\n')).not.toContain('baseline')
  })
})
