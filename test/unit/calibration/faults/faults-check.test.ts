import { describe, expect, it } from 'vitest'
import { checkRow, exactRow, judged } from '../../../../calibration/check-row.ts'
import { Decisions } from '../../../../calibration/faults/decisions.ts'
import { type FaultsCheck, isCalibrated } from '../../../../calibration/faults/faults-check.ts'
import { faultsCheckMarkdown } from '../../../../calibration/faults/faults-check-markdown.ts'
import { Histogram } from '../../../../core/histogram.ts'

const interval = (low: number, high: number) => ({ level: 0.9999, low, high })
const good = [
  checkRow('delay: mean', 'ms', { theory: 20, observed: 19.5, interval: interval(18, 21) }),
  checkRow('status: observed share', 'share', { theory: 0.3, observed: 0.31, interval: interval(0.2, 0.4) }),
  exactRow('status: in the ledger, and seen', 31, 31),
]

function check(rows = good, digests: [string, string] = ['same', 'same']): FaultsCheck {
  return { groups: [{ title: 'Faults', rows }], decisions: { count: 7, digests }, late: new Histogram(), level: 0.9999 }
}

describe('a calibration of faults', () => {
  it('passes if all rows agree and both targets made the same decisions', () => {
    expect(isCalibrated(check())).toBe(true)
    expect(isCalibrated(check([...good, exactRow('lost', 3, 2)]))).toBe(false)
    expect(isCalibrated(check(good, ['this', 'that']))).toBe(false)
    const far = checkRow('delay: p50', 'ms', { theory: 22, observed: 19.5, interval: interval(18, 21) })
    expect(far.state).toBe('outside')
    expect(isCalibrated(check([far]))).toBe(false)
  })

  it('separates deviations from results of a machine that was too busy, and accepts neither', () => {
    const far = checkRow('M/M/1: mean wait', 'ms', { theory: 22, observed: 19.5, interval: interval(18, 21) })
    expect(judged(far, undefined).state).toBe('outside')
    const invalid = judged(far, 'the harness sent late by 9 ms')
    expect(invalid.state).toBe('invalid')
    expect(judged(good[0]!, 'the harness sent late by 9 ms')).toBe(good[0])
    expect(isCalibrated(check([...good, invalid]))).toBe(false)
    const markdown = faultsCheckMarkdown(check([...good, invalid]), 5)
    expect(markdown).toContain('4 rows, none outside their intervals')
    expect(markdown).toContain('**1 invalid**: the machine was too busy')
    expect(markdown).toContain('| **invalid**: the harness sent late by 9 ms |')
  })

  it('is written as a table that marks deviations', () => {
    const markdown = faultsCheckMarkdown(check([...good, exactRow('lost', 3, 2)], ['this', 'that']), 5)
    expect(markdown).toContain('Seed 5,')
    expect(markdown).toContain('4 rows, **1 outside** their intervals (99.99 % each)')
    expect(markdown).toContain('**another**: `that`')
    expect(markdown).toContain('| delay: mean | 20.0 ms | 19.5 ms | 18.0 … 21.0 ms | ✓ |')
    expect(markdown).toContain('| status: observed share | 30.0 % | 31.0 % | 20.0 … 40.0 % | ✓ |')
    expect(markdown).toContain('| lost | 3 | 2 | exactly | **✗** |')
  })
})

describe('decisions', () => {
  it('compare as equal in any order, and a key with two decisions is an error', () => {
    const [one, other] = [new Decisions(), new Decisions()]
    one.note('a', 'true')
    one.note('b', '12.5')
    other.note('b', '12.5')
    other.note('a', 'true')
    expect(one.digest()).toBe(other.digest())
    other.note('c', 'false')
    expect(one.digest()).not.toBe(other.digest())
    expect(() => other.note('c', 'true')).toThrow('two exchanges have the key c')
  })
})
