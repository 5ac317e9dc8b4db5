import { describe, expect, it } from 'vitest'
import { loadLines } from '../../../../harness/report/load-lines.ts'
import { passedRun, severalLoadsRun } from './fixture.ts'

describe('the lines of loads in a summary', () => {
  it('say when each ran, its rate, what it dropped and how long its requests took', () => {
    expect(loadLines(severalLoadsRun(), 68)).toEqual([
      'browse  0:00–0:40 · 330 iterations/s · p95 22.0 ms',
      'sale    0:20–0:40 · 50 iterations/s · 3 dropped · p95 22.0 ms',
    ])
  })

  it('are none in a run whose load has no name', () => {
    expect(loadLines(passedRun(), 68)).toEqual([])
  })

  it('fit into the width, and are at most eight', () => {
    const [one] = severalLoadsRun().loads!
    const loads = Array.from({ length: 12 }, () => ({ ...one!, load: 'a-load-with-a-rather-long-name', failed: 700 }))
    const lines = loadLines({ loads }, 40)
    expect(lines).toHaveLength(9)
    expect(lines.at(-1)).toBe('and 4 more')
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(40)
  })
})
