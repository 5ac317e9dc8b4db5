import { describe, expect, it } from 'vitest'
import { feedErrorsOf, feedMarksOf, phasesOf, streamFatesOf } from '../../../../harness/run-page/feed-rows.ts'
import type { ErrorRow } from '../../../../harness/metrics/error-table.ts'
import type { Plan } from '../../../../harness/plan/plan.ts'

describe('the rows of the page of a run', () => {
  it('are the most frequent errors, and the number of the others', () => {
    const rows = Array.from({ length: 25 }, (_, at): ErrorRow => {
      return { reason: 'refused', name: `/${at}`, count: 100 - at, firstMs: 0, lastMs: 1500.4, example: 'no' }
    })
    const { errors, errorsNotShown } = feedErrorsOf(rows)
    expect({ first: errors[0], shown: errors.length, errorsNotShown }).toEqual({
      first: { reason: expect.stringContaining('refused'), name: '/0', count: 100, lastMs: 1500, example: 'no' },
      shown: 20,
      errorsNotShown: 5,
    })
  })

  it('are the phases of the faults one after the other, from when the target began them', () => {
    const phases = [
      { name: 'healthy', duration: '2s' },
      { name: 'slow', duration: '500ms' },
    ]
    const plan = { faults: { rules: [], timeline: { phases } } } as unknown as Plan
    expect(phasesOf(plan, 100)).toEqual([
      { name: 'healthy', fromMs: 100, toMs: 2100 },
      { name: 'slow', fromMs: 2100, toMs: 2600 },
    ])
    expect(phasesOf(plan, undefined)).toEqual([])
  })

  it('are the marks, with those of live control apart', () => {
    const mark = { atMs: 12.6, label: 'pause', detail: 'No iteration begins.' }
    expect(
      feedMarksOf([mark, { ...mark, source: 'live control' }]).map(({ atMs, isOfRun }) => [atMs, isOfRun]),
    ).toEqual([
      [13, false],
      [13, true],
    ])
  })

  it('are the fates of the events of a stream, which add up to what was offered', () => {
    const account = {
      stream: 'orders',
      accepted: 9,
      offered: 21,
      delivered: 10,
      dropped: { disconnect: 1, conflate: 2 },
    }
    const rest = { filtered: 1, elsewhere: 2, expired: 3, unsent: 1, unexplained: 1 }
    const [fate] = streamFatesOf([{ ...account, ...rest }])
    expect(fate).toEqual({
      stream: 'orders',
      offered: 21,
      delivered: 10,
      dropped: 3,
      leftOut: 6,
      unsent: 1,
      unexplained: 1,
    })
  })
})
