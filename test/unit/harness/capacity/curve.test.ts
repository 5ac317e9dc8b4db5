import { describe, expect, it } from 'vitest'
import type { CapacityProbe, OperationPoint } from '../../../../harness/capacity/capacity-result.ts'
import { curveOf } from '../../../../harness/capacity/curve.ts'
import { capacityProbe } from '../../../support/capacity-probe.ts'

const operation = (name: string, p95Ms: number, failed = 0): OperationPoint => ({
  name,
  method: 'GET',
  requests: 1000,
  failed,
  p50Ms: p95Ms / 2,
  p95Ms,
})

function probe(load: number, changes: Partial<CapacityProbe> = {}, p95Ms = 10): CapacityProbe {
  const one = capacityProbe({ load, ...changes })
  return { ...one, response: { ...one.response, p95Ms } }
}

describe('curveOf', () => {
  it('takes the most throughput as the ceiling, which is reached when more load brings no more', () => {
    const probes = [100, 200, 400].map(load => probe(load, { iterationsPerSecond: Math.min(load, 210) }))
    expect(curveOf(probes).ceiling).toEqual({ iterationsPerSecond: 210, load: 400, reached: true })
    expect(curveOf(probes.slice(0, 2)).ceiling).toEqual({ iterationsPerSecond: 200, load: 200, reached: false })
  })

  it('does not take the chance of a few iterations for a ceiling', () => {
    const few = probe(1, { iterationsPerSecond: 2, measuredMs: 2000 })
    expect(curveOf([few, probe(50, { iterationsPerSecond: 52, measuredMs: 2000 })]).ceiling?.reached).toBe(false)
  })

  it('leaves out probes that say nothing about the target', () => {
    const probes = [
      probe(100, { iterationsPerSecond: 100 }),
      probe(900, { iterationsPerSecond: 700, state: 'generator_limit' }),
    ]
    expect(curveOf(probes).ceiling?.load).toBe(100)
  })

  it('finds the load at which response times bend, and none in a straight line', () => {
    const bent = [100, 200, 300, 400, 500, 600].map(load =>
      probe(load, {}, Math.exp(load / 1000 + Math.max(0, load - 400) / 50)),
    )
    expect(curveOf(bent).inflection).toEqual({ load: 400, steeper: expect.closeTo(21, 0) as number })
    const straight = [100, 200, 300, 400, 500, 600].map(load => probe(load, {}, Math.exp(load / 100)))
    expect(curveOf(straight).inflection).toBeUndefined()
  })

  it('names the operation that degrades at the lowest load and stays so', () => {
    const loads = [
      [100, 10, 10, 0],
      [200, 11, 30, 0],
      [300, 12, 9, 0],
      [400, 45, 31, 0],
      [500, 80, 60, 500],
    ] as const
    const probes = loads.map(([load, a, b, failed]) =>
      probe(load, { operations: [operation('/a', a), operation('/b', b), operation('/c', 5, failed)] }),
    )
    // At 200, /b was slow by chance.
    expect(curveOf(probes).firstToDegrade).toMatchObject({
      name: '/a',
      load: 400,
      reason: 'slower',
      p95Ms: 45,
      lightP95Ms: 10,
    })
    expect(curveOf(probes.filter(({ load }) => load !== 400).slice(0, 3)).firstToDegrade).toBeUndefined()
  })

  it('calls an operation degraded that fails fast', () => {
    const probes = [
      probe(100, { operations: [operation('/a', 5)] }),
      probe(200, { operations: [operation('/a', 4, 40)] }),
    ]
    expect(curveOf(probes).firstToDegrade).toMatchObject({ name: '/a', load: 200, reason: 'fails' })
  })

  it('says nothing without probes', () => {
    expect(curveOf([])).toEqual({})
  })
})
