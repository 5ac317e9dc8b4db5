import { describe, expect, it } from 'vitest'
import type {
  AccountRow,
  ComparedRow,
  MutationOutcome,
  MutationScore,
} from '../../../../calibration/audit/audit-result.ts'
import { scoreOf } from '../../../../calibration/mutations/score.ts'
import { judgeAudit, type JudgedAudit } from '../../../../calibration/audit/verdict.ts'

const total: AccountRow = {
  arrivals: 10,
  tool: 10,
  counted: 10,
  rejected: 0,
  inFlight: 0,
  late: 0,
  resent: 0,
  warmUp: 0,
  missing: 0,
  neverReceived: 0,
}

const row = (judgement: ComparedRow['judgement'], what = 'requests'): ComparedRow => ({
  what,
  unit: 'count',
  judgement,
  reason: 'it is so',
})

function verdictOf(different: Partial<JudgedAudit>) {
  return judgeAudit({
    comparison: [{ names: [], rows: [row('agrees')] }],
    accounting: { total, operations: [], unmatchedNames: [] },
    hasReport: true,
    doubts: [],
    ...different,
  })
}

function mutations(...states: MutationOutcome['state'][]): MutationScore {
  const outcomes = states.map((state, index) => ({
    id: String(index),
    title: '',
    state,
    injected: 1,
    evidence: [],
    ...(state === 'unclear' && { hidden: 'it had failed before' }),
  }))
  return scoreOf(outcomes, [])
}

describe('judgeAudit', () => {
  it('trusts a report that agrees, and one whose differences are explained', () => {
    expect(verdictOf({})).toEqual({
      word: 'trustworthy',
      sentence: 'the report and the ledger agree on 1 of 1 numbers',
    })
    const rows = [row('agrees'), row('explained'), row('not_compared')]
    expect(verdictOf({ comparison: [{ names: [], rows }] })).toEqual({
      word: 'trustworthy',
      sentence: 'the report and the ledger agree on 1 of 2 numbers, and the other one differs for a known reason',
    })
  })

  it('names the first number that is wrong, and how many more there are', () => {
    const comparison = [
      { names: [], rows: [row('agrees')] },
      { operation: 'orders.create' as const, names: [], rows: [row('wrong', 'p50'), row('wrong')] },
    ]
    expect(verdictOf({ comparison })).toEqual({ word: 'wrong', sentence: 'orders.create p50: it is so, and 1 more' })
  })

  it('concludes nothing with a doubt, even from numbers that are wrong', () => {
    const comparison = [{ names: [], rows: [row('wrong')] }]
    expect(verdictOf({ comparison, doubts: ['the machine was busy', 'so was I'] })).toEqual({
      word: 'inconclusive',
      sentence: 'the machine was busy',
    })
  })

  it('concludes nothing without requests, and without a report', () => {
    const none = { accounting: { total: { ...total, arrivals: 0 }, operations: [], unmatchedNames: [] } }
    expect(verdictOf(none)).toMatchObject({ word: 'inconclusive', sentence: expect.stringMatching(/no request/) })
    expect(verdictOf({ hasReport: false })).toMatchObject({ word: 'inconclusive' })
  })

  it('calls a script blind that missed a mutation', () => {
    expect(verdictOf({ mutations: mutations('noticed', 'missed') })).toMatchObject({
      word: 'true_but_blind',
      sentence: expect.stringMatching(/but it noticed 1 of 2 mutations/),
    })
  })

  it('concludes nothing where too many mutations tell nothing', () => {
    expect(verdictOf({ mutations: mutations('noticed', 'unclear') })).toEqual({
      word: 'inconclusive',
      sentence: expect.stringMatching(/but 1 of 2 mutations tell nothing: it had failed before$/),
    })
    expect(verdictOf({ mutations: mutations('noticed', 'missed', 'unclear') }).word).toBe('true_but_blind')
    expect(verdictOf({ mutations: mutations('noticed', 'unclear'), requiredNoticed: 1 }).word).toBe('trustworthy')
  })

  it('concludes nothing where no mutation was tried, unless the user asks for none', () => {
    expect(verdictOf({ mutations: mutations('not_reached') })).toMatchObject({
      word: 'inconclusive',
      sentence: expect.stringMatching(/but no mutation was tried: no request met one$/),
    })
    const skipped = scoreOf([], [{ id: 'errors', reason: 'its run without faults sent no request' }])
    expect(verdictOf({ mutations: skipped })).toMatchObject({
      word: 'inconclusive',
      sentence: expect.stringMatching(/sent no request$/),
    })
    expect(verdictOf({ mutations: skipped, requiredNoticed: 0 }).word).toBe('trustworthy')
  })

  it('asks for no more mutations than the user, or than were met', () => {
    expect(verdictOf({ mutations: mutations('noticed', 'missed'), requiredNoticed: 1 }).word).toBe('trustworthy')
    expect(verdictOf({ mutations: mutations('noticed', 'not_reached'), requiredNoticed: 2 }).word).toBe('trustworthy')
  })
})
