import { expect, it } from 'vitest'
import { countCases, requestsCase } from '../../../../../calibration/harness/counts/count-cases.ts'
import { requestFaults, streamFaults } from '../../../../../contract/faults/fault.ts'
import { createPlan } from '../../../../../harness/plan/plan.ts'

it('the cases of counts cover every executor, every fault, a disturbance, both signals and responses given up half-read, and are valid scenarios', () => {
  for (const size of ['quick', 'full'] as const) {
    const { together, alone } = countCases(size)
    const cases = [...together, ...alone, requestsCase(10)]
    for (const { name, definition } of cases) createPlan(definition, name, { seed: 1, tags: {} })
    const names = cases.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    const executors = together
      .filter(({ name }) => name.startsWith('executor '))
      .map(each => each.definition.load.executor)
    expect(executors.sort()).toEqual([
      'constant-arrival-rate',
      'constant-vus',
      'per-vu-iterations',
      'ramping-arrival-rate',
      'ramping-vus',
      'shared-iterations',
    ])
    expect(together.flatMap(({ rules }) => rules.map(({ fault }) => fault.type)).sort()).toEqual(
      Object.keys({ ...requestFaults, ...streamFaults }).sort(),
    )
    expect(together.flatMap(({ end }) => end ?? [])).toEqual(['signal', 'kill'])
    expect(alone.map(({ name, definition }) => [name, definition.disturb?.length ?? 0])).toEqual([
      ['disturbance', 1],
      ['timeout half-read', 0],
      ['interruption half-read', 0],
    ])
  }
})
