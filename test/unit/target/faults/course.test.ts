import { describe, expect, it } from 'vitest'
import { Course } from '../../../../target/faults/course.ts'

const phases = [{ durationMs: 30 }, { durationMs: 20 }, { durationMs: 50 }]

describe('a course', () => {
  it('goes through its phases once', () => {
    const course = new Course(phases, false)
    expect([0, 29, 30, 49, 50, 99].map(at => course.at(at)?.index)).toEqual([0, 0, 1, 1, 2, 2])
    expect(course.at(30)).toEqual({ index: 1, round: 0, startMs: 30, endMs: 50 })
    expect(course.at(100)).toBeUndefined()
    expect(course.until(1000, 10).map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0, 30],
      [30, 50],
      [50, 100],
    ])
  })

  it('repeats forever, however the numbers are rounded', () => {
    const course = new Course([{ durationMs: 1.5892666571191023 }], true)
    expect(course.at(152988230.99211887)).toMatchObject({ index: 0, round: 96263412 })
  })

  it('repeats, and knows its past phases', () => {
    const course = new Course(phases, true)
    expect(course.at(230)).toEqual({ index: 1, round: 2, startMs: 230, endMs: 250 })
    expect(course.until(230, 4).map(({ index, round }) => [round, index])).toEqual([
      [1, 1],
      [1, 2],
      [2, 0],
      [2, 1],
    ])
    expect(course.until(0, 10)).toHaveLength(1)
  })
})
