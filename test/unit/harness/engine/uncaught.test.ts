import { describe, expect, it } from 'vitest'
import { countUncaught } from '../../../../harness/run/uncaught.ts'
import { fakeFloor } from './execution.ts'

describe('countUncaught', () => {
  it('counts what a scenario throws where nobody waits, and leaves nothing behind', () => {
    const { recorder, snapshot } = fakeFloor([{ behaviour: { iterate: () => {} } }])
    const events = ['uncaughtException', 'unhandledRejection'] as const
    const before = events.map(event => process.listenerCount(event))
    const stop = countUncaught(recorder)
    // Called as Node would; emitting would reach the test runner's own listeners too.
    for (const event of events) process.listeners(event as 'uncaughtException').at(-1)?.(new Error('stray'), event)
    stop()
    expect(snapshot.errors.rows()).toMatchObject([
      { reason: 'exception', name: '(outside of any iteration)', count: 2 },
    ])
    expect(events.map(event => process.listenerCount(event))).toEqual(before)
  })
})
