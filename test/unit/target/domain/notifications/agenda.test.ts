import { describe, expect, it } from 'vitest'
import { Agenda } from '../../../../../target/domain/notifications/agenda.ts'
import { FakeClock } from '../../../../support/fake-clock.ts'

describe('an agenda', () => {
  it('gives each item once, in order, and none before its time', () => {
    const agenda = new Agenda<string>(new FakeClock(), 10)
    agenda.set('late', 95)
    agenda.set('soon', 12)
    expect(agenda.takeDue(19)).toEqual([])
    expect(agenda.takeDue(20)).toEqual(['soon'])
    expect(agenda.takeDue(99)).toEqual([])
    expect(agenda.takeDue(1000)).toEqual(['late'])
    expect(agenda.takeDue(2000)).toEqual([])
  })

  it('holds an item at one time only', () => {
    const agenda = new Agenda<string>(new FakeClock(), 10)
    agenda.set('a', 20)
    agenda.set('a', 40)
    expect(agenda.takeDue(30)).toEqual([])
    expect(agenda.takeDue(40)).toEqual(['a'])
  })

  it('returns overdue items at the next tick', async () => {
    const clock = new FakeClock()
    await clock.advance(100)
    const agenda = new Agenda<string>(clock, 10)
    agenda.set('past', 5)
    expect(agenda.takeDue(109)).toEqual([])
    expect(agenda.takeDue(110)).toEqual(['past'])
  })

  it('forgets removed items', () => {
    const agenda = new Agenda<string>(new FakeClock(), 10)
    for (const item of ['a', 'b', 'c']) agenda.set(item, 20)
    agenda.delete('b')
    agenda.delete('unknown')
    expect(agenda.takeDue(20)).toEqual(['a', 'c'])
    agenda.set('a', 40)
    agenda.clear()
    expect(agenda.takeDue(1000)).toEqual([])
  })
})
