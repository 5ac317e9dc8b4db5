import { describe, expect, it } from 'vitest'
import { placeLines } from '../../../../harness/report/place-lines.ts'
import { passedRun, severalPlacesRun } from './fixture.ts'

describe('the lines of places in a summary', () => {
  it('say what each sent and how long it took, also of workers without a place', () => {
    expect(placeLines(severalPlacesRun(), 68)).toEqual([
      'eu-west  13,200 requests · 330 a second · p50 10.0 ms · p95 44.0 ms',
      '(none)   1,010 requests · 25.3 a second · 0.99 % failed',
    ])
  })

  it('are none in a run without places', () => {
    expect(placeLines(passedRun(), 68)).toEqual([])
  })

  it('fit into the width, and are at most eight', () => {
    const [one] = severalPlacesRun().places!
    const places = Array.from({ length: 12 }, () => ({ ...one!, place: 'a-place-with-a-rather-long-name' }))
    const lines = placeLines({ places }, 40)
    expect(lines).toHaveLength(9)
    expect(lines.at(-1)).toBe('and 4 more')
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(40)
  })
})
