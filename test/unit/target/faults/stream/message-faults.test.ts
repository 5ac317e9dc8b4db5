import { expect, it } from 'vitest'
import type { Fault } from '../../../../../contract/faults/fault.ts'
import type { Injection } from '../../../../../target/faults/injection.ts'
import { malformedFrame } from '../../../../../target/faults/stream/malformed.ts'
import { misdirectedFrame } from '../../../../../target/faults/stream/misdirected-ack.ts'
import { treatmentOf, untreated } from '../../../../../target/faults/stream/message-faults.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'

const dependencies = { clock: new FakeClock(), stallListener: { stalled() {} } }
const treated = (...faults: Fault[]) =>
  treatmentOf(
    faults.map(fault => ({ fault }) as Injection),
    dependencies,
  )

it('applies all matching rules: copies and delays add up, and of two distances the longer holds', () => {
  const delays: Fault[] = [{ type: 'delay', at: 'per_message', distribution: '1ms' }]
  const treatment = treated(
    { type: 'duplicate' },
    { type: 'reorder', distance: 7 },
    ...delays,
    { type: 'malformed' },
    { type: 'reorder' },
    { type: 'duplicate', copies: 3 },
    ...delays,
  )
  expect(treatment).toMatchObject({ isLost: false, change: malformedFrame, copies: 4, distance: 7 })
  expect(treatment.delays).toHaveLength(2)
})

it('makes an answer malformed rather than misdirected, in whichever order their rules stand', () => {
  const misdirected: Fault = { type: 'misdirected_ack' }
  expect(treated(misdirected).change).toBe(misdirectedFrame)
  expect(treated(misdirected, { type: 'malformed' }).change).toBe(malformedFrame)
  expect(treated({ type: 'malformed' }, misdirected).change).toBe(malformedFrame)
})

it('drops messages, and withholds answers', () => {
  expect(treated({ type: 'drop' }, { type: 'duplicate' })).toMatchObject({ isLost: true })
  expect(treated({ type: 'partial_ack' })).toMatchObject({ isLost: true })
  expect(treated()).toEqual(untreated)
})
