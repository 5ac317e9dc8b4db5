import { describe, expect, it } from 'vitest'
import { type DelayTimes, lengthRows } from '../../../../calibration/faults/delay-lengths.ts'
import { exponential } from '../../../../core/distributions/closed-form.ts'
import { random } from '../../../../core/random.ts'

const lengths = exponential(15)

/** Returns delays as drawn, stretched by a factor, and late by a random time. */
function delays({ stretch = 1, lateMs = 0.05, earlyMs = 0 }): DelayTimes[] {
  return Array.from({ length: 5000 }, (_, at) => {
    const chance = random('delays').fork(at)
    const plannedMs = lengths.sample(chance, at)
    const tookMs = plannedMs * stretch + exponential(lateMs).sample(chance, at) - earlyMs
    return { plannedMs, actualMs: tookMs, seenMs: tookMs + 0.3 + exponential(0.5).sample(chance, at) }
  })
}

const states = (some: DelayTimes[]) => lengthRows(some).map(({ state }) => state)

describe('the length of delays', () => {
  it('agrees on a machine that is late now and then, and on a busy one', () => {
    expect(states(delays({}))).toEqual(['within', 'within', 'within', 'within'])
    expect(states(delays({ lateMs: 3 }))).toEqual(['within', 'within', 'within', 'within'])
  })

  it('is outside the interval if all delays are 3 % too long', () => {
    expect(states(delays({ stretch: 1.03 }))).toEqual(['within', 'within', 'outside', 'outside'])
  })

  it('is invalid, and never counts as agreeing, if the machine was too busy to tell', () => {
    expect(states(delays({ stretch: 1.03, lateMs: 3 })).slice(2)).toEqual(['invalid', 'invalid'])
  })

  it('is outside the interval if delays are too short, however busy the machine is', () => {
    expect(states(delays({ earlyMs: 1 }))[0]).toBe('outside')
    expect(states(delays({ earlyMs: 1, lateMs: 30 }))[0]).toBe('outside')
    expect(states(delays({ earlyMs: 2 }))[1]).toBe('outside')
  })
})
