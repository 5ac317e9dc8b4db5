import { describe, expect, it } from 'vitest'
import { exitCodeOf } from '../../../../harness/results/exit-codes.ts'
import type { RegressionVerdict, RunOutcome, RunResult } from '../../../../harness/results/run-result.ts'
import type { ThresholdVerdict } from '../../../../harness/thresholds/threshold.ts'

const verdict = (state: ThresholdVerdict['state']): ThresholdVerdict => ({
  metric: 'http_req_failed',
  expression: 'rate<0.01',
  state,
  limit: 0.01,
  unit: 'share',
  samples: 1,
})

function result(parts: {
  state?: RunOutcome['state']
  validity?: 'valid' | 'invalid'
  reconciliation?: RunResult['reconciliation']['state']
  thresholds?: ThresholdVerdict[]
  regressions?: RegressionVerdict['state'][]
}): RunResult {
  return {
    outcome: { state: parts.state ?? 'completed', detail: '' },
    validity: { state: parts.validity ?? 'valid', findings: [] },
    reconciliation: { state: parts.reconciliation ?? 'agrees', summary: '', rows: [] },
    thresholds: parts.thresholds ?? [verdict('passed')],
    regressions: parts.regressions?.map(state => ({ state })),
  } as unknown as RunResult
}

describe('the exit code of a run', () => {
  it.each<[string, Parameters<typeof result>[0], number]>([
    ['all is well', {}, 0],
    ['nothing was judged', { thresholds: [] }, 0],
    ['there is no ledger', { reconciliation: 'unavailable' }, 0],
    ['a threshold failed', { thresholds: [verdict('passed'), verdict('failed')] }, 99],
    ['a threshold had no data', { thresholds: [verdict('no-data')] }, 99],
    ['it is worse than its baseline', { regressions: ['passed', 'failed'] }, 99],
    ['it cannot be compared with its baseline', { regressions: ['no-data'] }, 99],
    ['it may be worse than its baseline', { regressions: ['passed', 'unclear'] }, 0],
    ['a threshold ended it', { state: 'aborted_by_threshold', thresholds: [verdict('failed')] }, 99],
    ['the generator was the bottleneck', { validity: 'invalid' }, 98],
    ['both ends disagree', { reconciliation: 'differs' }, 98],
    ['it is invalid and a threshold failed', { validity: 'invalid', thresholds: [verdict('failed')] }, 98],
    ['the target was never there', { state: 'target_unreachable', validity: 'invalid' }, 97],
    ['the target was lost', { state: 'target_lost', thresholds: [verdict('failed')] }, 97],
    ['it was interrupted', { state: 'interrupted', thresholds: [verdict('no-data')] }, 105],
    ['the scenario failed', { state: 'scenario_failed' }, 104],
  ])('when %s', (_, parts, code) => {
    expect(exitCodeOf(result(parts))).toBe(code)
  })
})
