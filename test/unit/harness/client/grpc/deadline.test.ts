import { expect, it } from 'vitest'
import { Deadline } from '../../../../../harness/client/grpc/deadline.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'

it('a deadline passes by the monotonic clock, at most as early as a timer fires', async () => {
  const clock = new FakeClock()
  const deadline = new Deadline(clock, 100)
  const passed: boolean[] = []
  for (const stepMs of [97, 1, 2]) {
    await clock.advance(stepMs)
    passed.push(deadline.hasPassed)
  }
  expect(passed).toEqual([false, true, true])
})
