import { describe, expect, it } from 'vitest'
import { LiveSettings } from '../../../../../target/configuration/settings.ts'
import { loadConfiguration } from '../../../../../target/configuration/load.ts'
import { Rooms } from '../../../../../target/domain/chat/rooms.ts'
import { plenty } from '../../../../support/memory.ts'

function rooms(flags: Record<string, string> = {}): Rooms<string> {
  return new Rooms(new LiveSettings(loadConfiguration({ env: {}, flags })), plenty())
}

describe('rooms', () => {
  it('are each tenant’s own', () => {
    const all = rooms()
    expect(all.join('a', 'lobby', 'ann')?.size).toBe(1)
    expect(all.join('b', 'lobby', 'bob')?.size).toBe(1)
    expect(all.publish('a', 'lobby', '1')?.sequence).toBe(1)
    expect([...(all.publish('a', 'lobby', '2')?.room.members ?? [])]).toEqual(['ann'])
    expect(all.publish('b', 'lobby', '3')?.sequence).toBe(1)
    expect(all.excerpt('b', 'lobby', 10).messages).toEqual(['3'])
  })

  it('hold a member once, however often it joins', () => {
    const all = rooms()
    all.join('a', 'lobby', 'ann')
    expect(all.join('a', 'lobby', 'ann')?.size).toBe(1)
    all.leave('a', 'lobby', 'ann')
    expect(all.join('a', 'lobby', 'bob')?.size).toBe(1)
  })

  it('are kept with their history after the last member has left', () => {
    const all = rooms()
    all.join('a', 'lobby', 'ann')
    all.publish('a', 'lobby', '1')
    all.leave('a', 'lobby', 'ann')
    expect(all.join('a', 'lobby', 'ann')?.sequence).toBe(1)
  })

  it('are forgotten where there is no place for another, the longest empty first', () => {
    const all = rooms({ 'chat.channels': '3' })
    for (const channel of ['new', 'old', 'full']) {
      all.join('a', channel, 'ann')
      all.publish('a', channel, '1')
    }
    all.leave('a', 'new', 'ann')
    all.leave('a', 'old', 'ann')
    // From outside, too, a room is in use: this one is empty the shortest now.
    all.publish('a', 'new', '2')
    expect(all.join('a', 'another', 'ann')?.sequence).toBe(0)
    expect(['old', 'new', 'full'].map(channel => all.excerpt('a', channel, 10).messages.length)).toEqual([0, 2, 1])
  })

  it('are refused, with messages for them, if every existing room has members', () => {
    const all = rooms({ 'chat.channels': '2' })
    all.join('a', 'one', 'ann')
    all.join('b', 'two', 'bob')
    expect(all.join('a', 'three', 'ann')).toBeUndefined()
    expect(all.publish('a', 'three', '1')).toBeUndefined()
    all.leave('b', 'two', 'bob')
    expect(all.publish('a', 'three', '1')?.sequence).toBe(1)
  })

  it('that no member ever joined do not pile up', () => {
    const all = rooms({ 'chat.channels': '2' })
    for (let n = 0; n < 10; n += 1) expect(all.publish('a', `room-${n}`, '1')?.sequence).toBe(1)
    expect(all.publish('a', 'room-9', '2')?.sequence).toBe(2)
    expect(all.publish('a', 'room-7', '2')?.sequence).toBe(1)
  })

  it('lose their messages at a reset, but not their members', () => {
    const all = rooms()
    all.join('a', 'full', 'ann')
    all.publish('a', 'full', '1')
    all.publish('a', 'empty', '1')
    all.reset()
    expect(all.excerpt('a', 'full', 10)).toMatchObject({ messages: [], complete: false })
    expect([...(all.publish('a', 'full', '2')?.room.members ?? [])]).toEqual(['ann'])
    expect(all.excerpt('a', 'full', 10)).toMatchObject({ first: 2, messages: ['2'] })
    expect(all.publish('a', 'empty', '2')?.sequence).toBe(1)
  })
})
