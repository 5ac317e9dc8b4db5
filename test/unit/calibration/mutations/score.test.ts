import { expect, it } from 'vitest'
import type { ToolReport } from '../../../../calibration/audit/tool-report.ts'
import { mutations } from '../../../../calibration/mutations/mutations.ts'
import { confirmed, outcomeOf, scoreOf } from '../../../../calibration/mutations/score.ts'
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

it('what a second run without faults shows as well was not noticed', () => {
  const outcome = outcomeOf(errors, run(0, 0), run(5, 5))
  expect(confirmed(outcome, run(5, 5), run(0, 0))).toBe(outcome)
  const unclear = confirmed(outcome, run(5, 5), run(6, 0))
  expect(unclear).toMatchObject({
    state: 'unclear',
    evidence: [],
    hidden: 'a second run without faults showed it too: 5 failures, and 0 before',
  })
  const missed = outcomeOf(errors, run(0, 0), run(0, 5))
  expect(confirmed(missed, run(0, 5), run(6, 0))).toBe(missed)
})

it('an exit code that each run after the first has is no sign', () => {
  const failing = { ...run(0, 5), command: { exitCode: 1 } }
  const outcome = outcomeOf(errors, run(0, 0), failing)
  expect(outcome.state).toBe('noticed')
  expect(confirmed(outcome, failing, failing).state).toBe('unclear')
  expect(confirmed(outcome, failing, run(0, 0))).toBe(outcome)
})

it('a second run that the tool calls invalid says nothing', () => {
  const failing = { ...run(0, 5), command: { exitCode: 99 } }
  const outcome = outcomeOf(errors, run(0, 0), failing)
  const invalid = { ...run(0, 0), command: { exitCode: 98 }, tool: { name: 'loadcell', invalidExitCode: 98 } }
  expect(confirmed(outcome, failing, invalid)).toBe(outcome)
})

it('tells three signs of many, and how many more there are', () => {
  const mutated = run(0, 5)
  const texts = Array.from({ length: 20 }, (_, index) => [`read tcp 127.0.0.1:${40_000 + index}: reset`, 1])
  const report = { ...mutated.report, total: { ...mutated.report.total, errors: Object.fromEntries(texts) } }
  const { evidence } = outcomeOf(errors, run(0, 0), { ...mutated, report })
  expect(evidence).toHaveLength(4)
  expect(evidence[3]).toBe('17 other signs')
})
