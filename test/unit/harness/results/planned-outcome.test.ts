import { describe, expect, it } from 'vitest'
import { Snapshot } from '../../../../harness/metrics/snapshot.ts'
import { plannedOutcome } from '../../../../harness/results/planned-outcome.ts'

describe('the outcome of a run that nothing ended early', () => {
  function measured(load: string | undefined) {
    const snapshot = new Snapshot()
    const tags = { user: 'visitor', ...(load !== undefined && { load }) }
    snapshot.value('iterations', { user: 'visitor', load: 'browse' }).total += 5
    snapshot.value('iterations_failed', tags).total += 3
    snapshot.errors.record({ reason: 'exception', name: 'visitor: iterate', example: 'Error: no price' }, 0)
    return snapshot
  }

  it('is a failure of the scenario if a kind of user threw in one load, although it works in another', () => {
    expect(plannedOutcome(measured('sale'), [])).toEqual({
      state: 'scenario_failed',
      detail: 'Every iteration of the user visitor in the load sale threw: Error: no price.',
    })
    expect(plannedOutcome(measured('browse'), []).state).toBe('completed')
  })
})
