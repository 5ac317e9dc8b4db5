import { expect, it } from 'vitest'
import type { ToolReport } from '../../../../calibration/audit/tool-report.ts'
import { mutations } from '../../../../calibration/mutations/mutations.ts'
import { outcomeOf, scoreOf } from '../../../../calibration/mutations/score.ts'
import { ledgerSide } from '../sides.ts'

const errors = mutations.find(({ id }) => id === 'errors')!
const failedJobs = mutations.find(({ id }) => id === 'failed_jobs')!

function run(failures: number, injected: number) {
  const total = { name: '', requests: 100, failures }
  const report: ToolReport = { tool: 'any', sources: [], rows: [], total, remarks: [] }
  const rules = [{ id: 'mutation.errors.1.0', type: 'status' as const, matched: 100, injected, expected: 5 }]
  const ledger = { ...ledgerSide(), faults: { rules, stations: [], notKept: 0, stalled: 0 } }
  return { command: { exitCode: 0 }, report, truth: { ledger, records: [] } }
}

it('a mutation is noticed, missed with the check that would catch it, unclear with the reason, or not reached', () => {
  const outcomes = [run(5, 5), run(0, 5), run(0, 0)].map(mutated => outcomeOf(errors, run(0, 0), mutated))
  expect(outcomes).toMatchObject([
    { state: 'noticed', injected: 5, evidence: ['5 failures, and 0 before'] },
    { state: 'missed', injected: 5, evidence: [], check: errors.check },
    { state: 'not_reached', injected: 0, evidence: [] },
  ])
  expect(outcomes[0]).not.toHaveProperty('check')
  const unclear = outcomeOf(errors, run(50, 0), run(52, 5))
  expect(unclear).toMatchObject({ state: 'unclear', hidden: expect.stringMatching(/^50 failures without faults/) })
  expect(unclear).not.toHaveProperty('check')
  const skipped = [{ id: 'lost_events', reason: 'it has no events' }]
  expect(scoreOf([...outcomes, unclear], skipped)).toMatchObject({ noticed: 1, tried: 3, skipped })
})

it('jobs that failed were affected, although no rule did it', () => {
  expect(outcomeOf(failedJobs, run(0, 0), run(0, 0))).toMatchObject({ state: 'missed', injected: 1 })
})
