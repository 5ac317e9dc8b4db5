import { describe, expect, it } from 'vitest'
import { SENDING_QUESTION } from '../../../../harness/results/validity.ts'
import { capacityProbe } from '../../../support/capacity-probe.ts'
import { capacityResult, probesOf } from '../../../support/capacity-result.ts'

describe('capacityOf', () => {
  it('has the capacity, the highest probe that clearly met the objective, and what the curve shows', () => {
    const result = capacityResult()
    expect(Math.abs(result.capacity!.estimate / 140 - 1)).toBeLessThan(0.03)
    expect(result.capacity!.confirmed).toBe(120)
    expect(result.curve.firstToDegrade).toMatchObject({ name: '/orders<b>' })
    expect(result.exitCode).toBe(0)
  })

  it('does not say that a load clearly met the objective if other probes at it say otherwise', () => {
    const at = (load: number, value: number) =>
      capacityProbe({ load, state: value > 0.5 ? 'meets' : 'unclear', margin: { value, error: 0.5, degrees: 5 } })
    const probes = [...probesOf([50, 100, 190]), at(130, 1), at(130, -0.4), at(130, -0.3)]
    expect(capacityResult({ probes }).capacity!.confirmed).toBe(100)
  })

  it('fits M/M/1, which obeys the law', () => {
    const { scalability } = capacityResult()
    expect(scalability).toMatchObject({ state: 'fits', contention: { value: expect.closeTo(0.5, 2) as number } })
  })

  it.each([
    ['all_meet', probesOf([50, 100]), 0, /up to --max/],
    ['none_meet', probesOf([160, 190]), 99, /down to --min/],
    ['generator_limit', probesOf([50, 100]), 98, /generator was the bottleneck before the target: 100 met it/],
    ['out_of_time', probesOf([50]), 98, /before the limit was bracketed/],
    ['out_of_time', probesOf([50, 190]), 0, /as narrow as demanded/],
    ['probes_spent', probesOf([50, 190]), 0, /after 2 probes/],
    ['interrupted', probesOf([50, 190]), 105, /^$/],
    ['target_lost', probesOf([50]), 97, /^$/],
    ['scenario_failed', [], 104, /^$/],
  ] as const)('says why a search ended with "%s", and has an exit code for it', (state, probes, code, detail) => {
    const { exitCode, outcome } = capacityResult({ state, probes: [...probes] })
    expect(exitCode).toBe(code)
    expect(outcome.detail).toMatch(detail)
  })

  it('names a condition that had no samples, which is perhaps misspelt', () => {
    const probes = probesOf([160, 190]).map(probe => ({
      ...probe,
      slo: [{ ...probe.slo[0]!, state: 'no-data' as const }],
    }))
    const { outcome } = capacityResult({ state: 'none_meet', probes })
    expect(outcome.detail).toBe(
      'No probe had any samples for http_req_duration p(95)<50, so none met it. Are its tags right?',
    )
  })

  it('keeps the limit of the generator apart from the target’s', () => {
    const doubt = {
      question: SENDING_QUESTION,
      cause: 'pace',
      state: 'doubtful',
      observed: 'late',
      limit: '',
      advice: '',
    } as const
    const { margin: _, ...limited } = capacityProbe({ load: 900, state: 'generator_limit', doubts: [doubt] })
    const result = capacityResult({ probes: [...probesOf([50, 120, 160]), limited] })
    expect(result.generatorLimit).toEqual({ load: 900, findings: [doubt] })
    expect(result.curve.ceiling?.load).toBe(160)
    expect(result.capacity!.estimate).toBeLessThan(160)
  })

  it('does not take the load at which the target was lost for the limit of the generator', () => {
    const { margin: _, ...lost } = capacityProbe({ load: 300, state: 'ended' })
    const { margin: __, ...limited } = capacityProbe({ load: 900, state: 'generator_limit' })
    const result = capacityResult({ state: 'target_lost', probes: [...probesOf([50]), limited, lost] })
    expect(result.generatorLimit?.load).toBe(900)
  })
})
