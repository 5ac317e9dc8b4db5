import { describe, expect, it } from 'vitest'
import { phaseNames, Phases } from '../../../../harness/metrics/phases.ts'

const wellIllWell = [
  { name: 'well', duration: '10s' },
  { name: 'ill', duration: 5000 },
  { name: 'well', duration: '1s' },
]

describe('Phases', () => {
  it('finds the phase of any time, whichever was looked up before', () => {
    const phases = new Phases(wellIllWell, 100)
    expect(phases.names).toEqual(['well', 'ill'])
    const expected = [
      [99.9, -1],
      [100, 0],
      [10_099.9, 0],
      [10_100, 1],
      [15_099.9, 1],
      [15_100, 0],
      [16_099.9, 0],
      [16_100, -1],
      [1e9, -1],
    ] as const
    for (const [before] of expected)
      for (const [atMs, index] of expected) {
        phases.nameIndexAt(before)
        expect({ before, atMs, nameIndexAtAtMs: phases.nameIndexAt(atMs) }).toEqual({
          before,
          atMs,
          nameIndexAtAtMs: index,
        })
      }
  })

  it('sums the time for which phases of one name were on', () => {
    const phases = new Phases(wellIllWell, 100)
    expect(phases.lastedMs('well', 100, 1e9)).toBe(11_000)
    expect(phases.lastedMs('well', 5100, 15_600)).toBe(5500)
    expect(phases.lastedMs('ill', 0, 12_100)).toBe(2000)
    expect(phases.lastedMs('ill', 0, 10_100)).toBe(0)
    expect(phases.lastedMs('unknown', 0, 1e9)).toBe(0)
  })

  it('keeps a limited number of names apart', () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ name: `p${index}`, duration: 10 }))
    const phases = new Phases(many, 0)
    expect(phases.names).toHaveLength(33)
    expect(phases.names).toEqual(phaseNames(many))
    expect(phases.names[phases.nameIndexAt(315)]).toBe('p31')
    expect(phases.names[phases.nameIndexAt(325)]).toBe('(other)')
    expect(phases.lastedMs('(other)', 0, 1e9)).toBe(680)
  })
})
