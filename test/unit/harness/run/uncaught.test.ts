import { describe, expect, it } from 'vitest'
import { Uncaught } from '../../../../harness/run/uncaught.ts'
import { fakeFloor } from '../../../support/fake-floor.ts'

describe('Uncaught', () => {
  it('counts unhandled exceptions of a scenario in the run, reports later ones, and leaves no handler behind', () => {
    const { recorder, snapshot } = fakeFloor([{ behaviour: { iterate: () => {} } }])
    const events = ['uncaughtException', 'unhandledRejection'] as const
    const before = events.map(event => process.listenerCount(event))
    const uncaught = new Uncaught()
    // Called as Node would; emitting would reach the test runner's own listeners too.
    const emit = (message: string) => {
      for (const event of events) process.listeners(event as 'uncaughtException').at(-1)?.(new Error(message), event)
    }
    uncaught.countIn(recorder)
    emit('stray')
    uncaught.countIn(undefined)
    for (let time = 1; time <= 100; time++) emit('late')
    uncaught.close()
    expect(snapshot.errors.rows()).toMatchObject([
      { reason: 'exception', name: '(outside of any iteration)', count: 2 },
    ])
    expect(uncaught.outside.count).toBe(200)
    expect(uncaught.outside.examples).toEqual([expect.stringMatching(/^Error: late \(uncaught\.test\.ts:\d+\)$/)])
    expect(events.map(event => process.listenerCount(event))).toEqual(before)
  })
})
