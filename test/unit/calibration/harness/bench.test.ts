import { describe, expect, it } from 'vitest'
import { checkRow } from '../../../../calibration/check-row.ts'
import { type HarnessBench, inTurnOrTogether, tooBusy, unlessLate } from '../../../../calibration/harness/bench.ts'
import { Histogram } from '../../../../core/histogram.ts'
import { histogramOf } from '../histogram-of.ts'

function lateness(...values: number[]) {
  return { of: 'timers', histogram: Histogram.fromJSON(histogramOf(values)) }
}

describe('a busy machine', () => {
  const row = (observed: number) =>
    checkRow('p50', 'ms', { theory: 60, observed, interval: { level: 1, low: observed - 1, high: observed + 1 } })

  it('explains a time that is too long by three times as much as timers at both ends were late, and no more', () => {
    expect(unlessLate(row(68), [lateness(1.5), lateness(1)]).state).toBe('invalid')
    expect(unlessLate(row(68), [lateness(1.5), lateness(1)]).reason).toBe(
      'too long by 7.0 ms, but timers and timers were late by up to 2.5 ms',
    )
    expect(unlessLate(row(68), [lateness(2)]).state).toBe('outside')
    expect(unlessLate(row(68), []).state).toBe('outside')
  })

  it('explains a time that is too short only if the harness may have seen its start late', () => {
    expect(unlessLate(row(50), [lateness(1000)]).state).toBe('outside')
    expect(unlessLate(row(50), [lateness(1)], 'seen').state).toBe('outside')
    expect(unlessLate(row(50), [lateness(4)], 'seen').reason).toBe(
      'too short by 9.0 ms, but timers were late by up to 4.0 ms',
    )
  })

  it('excuses nothing that is within', () => {
    expect(unlessLate(row(60.5), [lateness(1000)]).state).toBe('within')
  })

  it('is recognised by a percentile of its timers, beyond their own error', () => {
    const clock = { timerErrorMs: 2 } as HarnessBench['clock']
    expect(tooBusy({ clock }, lateness(1, 1, 9), 50, 0)).toBeUndefined()
    expect(tooBusy({ clock }, lateness(1, 1, 9), 99, 6)).toBe('timers were late by 9.0 ms at p99; the limit is 8.0 ms')
    expect(tooBusy({ clock }, lateness(1, 1, 9), 99, 8)).toBeUndefined()
  })
})

describe('checks', () => {
  it.each([
    ['full', ['a begins', 'a ends', 'b begins', 'b ends']],
    ['quick', ['a begins', 'b begins', 'a ends', 'b ends']],
  ] as const)('run in the order of the %s size', async (size, expected) => {
    const log: string[] = []
    const check = (name: string) => async () => {
      log.push(`${name} begins`)
      await new Promise(setImmediate)
      log.push(`${name} ends`)
      return name
    }
    expect(await inTurnOrTogether({ size } as HarnessBench, [check('a'), check('b')])).toEqual(['a', 'b'])
    expect(log).toEqual(expected)
  })
})
