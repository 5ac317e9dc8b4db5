import { describe, expect, it } from 'vitest'
import type { RunLoad } from '../../../../harness/load/run-load.ts'
import { pausedMsOfAll, peakUsersOf, scheduleEndMs } from '../../../../harness/load/steered-times.ts'

const load = { executor: 'constant-vus', vus: 3, durationMs: 5000, gracefulStopMs: 0 } as const
const named = (name: string, startMs = 0): RunLoad & { load: typeof load } => ({
  name,
  startMs,
  load,
  users: [],
  firstId: 0,
})
const [browse, sale] = [named('browse'), named('sale', 1000)]
const pauseOfAll = [
  { atMs: 2000, kind: 'pause' },
  { atMs: 3500, kind: 'resume' },
] as const

describe('scheduleEndMs', () => {
  it('is the planned end with all pauses so far', () => {
    expect(scheduleEndMs([browse, sale], [], 9000)).toBe(6000)
    expect(scheduleEndMs([browse, sale], pauseOfAll, 9000)).toBe(7500)
    expect(scheduleEndMs([browse, sale], pauseOfAll, 2400)).toBe(6400)
  })
})

describe('pausedMsOfAll', () => {
  it('counts the time in which no load goes on', () => {
    expect(pausedMsOfAll([browse, sale], pauseOfAll, 9000)).toBe(1500)
    expect(pausedMsOfAll([browse, sale], pauseOfAll, 2500)).toBe(500)
    expect(pausedMsOfAll([browse, sale], [{ ...pauseOfAll[0], load: 'sale' }], 4000)).toBe(0)
  })

  it('counts a load that is over as paused, and nothing after the schedule', () => {
    const changes = [{ atMs: 2000, kind: 'pause', load: 'sale' }] as const
    expect(pausedMsOfAll([browse, sale], changes, 8000)).toBe(3000)
    expect(pausedMsOfAll([browse], pauseOfAll, 60_000)).toBe(1500)
  })
})

describe('peakUsersOf', () => {
  it('is the highest number that was asked for until then', () => {
    const changes = [
      { atMs: 2000, kind: 'scale', factor: 3 },
      { atMs: 4000, kind: 'scale', factor: 5 },
    ] as const
    expect(peakUsersOf(browse, changes, 9000)).toBe(15)
    expect(peakUsersOf(browse, changes, 3000)).toBe(9)
    expect(peakUsersOf(browse, [{ atMs: 0, kind: 'scale', factor: 0.4 }], 9000)).toBe(1)
  })
})
