import { describe, expect, it } from 'vitest'
import { changesOf, LoadCourse } from '../../../../harness/load/load-course.ts'

describe('LoadCourse', () => {
  it('goes on as planned without changes', () => {
    const course = new LoadCourse()
    expect(course.timeAt(1234.5)).toBe(1234.5)
    expect(course.pausedMs(0, 9000)).toBe(0)
  })

  it('puts everything after a pause off by its length', () => {
    const course = new LoadCourse([
      { atMs: 1000, kind: 'pause' },
      { atMs: 4000, kind: 'resume' },
    ])
    expect([900, 1000, 1001, 5000].map(positionMs => course.timeAt(positionMs))).toEqual([900, 1000, 4001, 8000])
    expect(course.pausedMs(0, 9000)).toBe(3000)
    expect(course.pausedMs(2000, 3000)).toBe(1000)
  })

  it('never reaches a place behind a pause without an end', () => {
    const course = new LoadCourse([{ atMs: 1000, kind: 'pause' }])
    expect(course.timeAt(1000)).toBe(1000)
    expect(course.timeAt(1001)).toBe(Number.POSITIVE_INFINITY)
    expect(course.pausedMs(0, 5000)).toBe(4000)
  })

  it('keeps the length of the schedule when it is scaled, and the factor during a pause', () => {
    const course = new LoadCourse([
      { atMs: 1000, kind: 'scale', factor: 3 },
      { atMs: 2000, kind: 'pause' },
      { atMs: 2500, kind: 'resume' },
    ])
    expect(course.timeAt(4000)).toBe(4500)
    expect(course.legs.map(({ factor, isPaused }) => [factor, isPaused])).toEqual([
      [1, false],
      [3, false],
      [3, true],
      [3, false],
    ])
  })

  it('scales at once, however the times are rounded', () => {
    const course = new LoadCourse([
      { atMs: 2954.611, kind: 'pause' },
      { atMs: 3334.417, kind: 'resume' },
      { atMs: 4783.944, kind: 'scale', factor: 1.5 },
    ])
    expect(course.legs.at(-1)?.fromMs).toBeGreaterThan(4783.944)
    expect(course.legAt(4783.944).factor).toBe(1.5)
  })

  it('is the same whichever order the changes become known in, and when one is repeated', () => {
    const changes = [
      { atMs: 1000, kind: 'pause' },
      { atMs: 2000, kind: 'resume' },
      { atMs: 3000, kind: 'scale', factor: 2 },
    ] as const
    const course = new LoadCourse(changes)
    expect(new LoadCourse([...changes].reverse())).toEqual(course)
    expect(new LoadCourse([...changes, changes[0], changes[2]])).toEqual(course)
  })

  it('begins as the changes before its start have left it', () => {
    const course = new LoadCourse(
      [
        { atMs: 100, kind: 'scale', factor: 2 },
        { atMs: 500, kind: 'pause' },
        { atMs: 3000, kind: 'resume' },
      ],
      1000,
    )
    expect(course.timeAt(0)).toBe(2000)
    expect(course.legAt(2500)).toMatchObject({ factor: 2, isPaused: false })
  })
})

describe('the course of a schedule that began later than planned', () => {
  const changes = [
    { atMs: 1000, kind: 'scale', factor: 2 },
    { atMs: 2000, kind: 'pause' },
    { atMs: 3000, kind: 'resume' },
  ] as const

  it('is paused when all others are, and scaled at the same place', () => {
    expect(new LoadCourse(changes, 300, 0).legs).toEqual([
      { fromMs: 0, positionMs: 0, factor: 1, isPaused: false },
      { fromMs: 1000, positionMs: 1000, factor: 2, isPaused: false },
      { fromMs: 1700, positionMs: 1700, factor: 2, isPaused: true },
      { fromMs: 2700, positionMs: 1700, factor: 2, isPaused: false },
    ])
  })

  it('reaches the place of a scale after a pause in which the others had reached it', () => {
    const course = new LoadCourse([...changes, { atMs: 2500, kind: 'scale', factor: 3 }], 300, 0)
    expect(course.legs.at(-1)).toEqual({ fromMs: 3000, positionMs: 2000, factor: 3, isPaused: false })
  })
})

describe('changesOf', () => {
  it('returns the changes of a load and those of all loads', () => {
    const [all, sale] = [{ atMs: 1, kind: 'pause' } as const, { atMs: 2, kind: 'resume', load: 'sale' } as const]
    expect(changesOf([all, sale], 'sale')).toEqual([all, sale])
    expect(changesOf([all, sale], 'browse')).toEqual([all])
    expect(changesOf([all, sale], undefined)).toEqual([all])
  })
})
