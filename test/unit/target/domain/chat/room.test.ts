import { describe, expect, it } from 'vitest'
import { Room } from '../../../../../target/domain/chat/room.ts'

const plenty = { messages: 100, bytes: 10_000 }

function roomWith(messages: number, bounds = plenty): Room<string> {
  const room = new Room<string>()
  for (let n = 1; n <= messages; n += 1) room.publish(`"${n}"`, bounds)
  return room
}

describe('a room’s history', () => {
  it('returns the requested number of messages next to a sequence', () => {
    expect(roomWith(5).excerpt(2, 1)).toEqual({ first: 2, messages: ['"2"', '"3"'], complete: true })
  })

  it('returns the newest messages without a sequence, marked complete if none are missing', () => {
    const room = roomWith(5)
    expect(room.excerpt(2)).toEqual({ first: 4, messages: ['"4"', '"5"'], complete: false })
    expect(room.excerpt(5)).toMatchObject({ first: 1, complete: true })
    expect(room.excerpt(50)).toMatchObject({ first: 1, complete: true })
  })

  it('keeps the newest by number, and reports evicted messages', () => {
    const room = roomWith(5, { ...plenty, messages: 2 })
    expect(room.excerpt(10, 2)).toEqual({ first: 4, messages: ['"4"', '"5"'], complete: false })
    expect(room.excerpt(10, 3)).toEqual({ first: 4, messages: ['"4"', '"5"'], complete: true })
    expect(room.excerpt(10)).toMatchObject({ first: 4, complete: false })
  })

  it('keeps the newest by size, and none of a message that is too large by itself', () => {
    const room = roomWith(3, { ...plenty, bytes: 6 })
    expect(room.excerpt(10).messages).toEqual(['"2"', '"3"'])
    expect(room.publish('"12345"', { ...plenty, bytes: 6 })).toBe(4)
    expect(room.excerpt(10)).toEqual({ first: 5, messages: [], complete: false })
    expect(room.publish('"5"', { ...plenty, bytes: 6 })).toBe(5)
    expect(room.excerpt(10, 4)).toEqual({ first: 5, messages: ['"5"'], complete: true })
  })

  it('is complete and empty for a client that is up to date, and incomplete for an unknown sequence', () => {
    const room = roomWith(3)
    expect(room.excerpt(10, 3)).toEqual({ first: 4, messages: [], complete: true })
    expect(room.excerpt(10, 4)).toMatchObject({ messages: [], complete: false })
    expect(new Room().excerpt(10)).toEqual({ first: 1, messages: [], complete: true })
  })

  it('can be forgotten, while the sequence goes on', () => {
    const room = roomWith(3)
    room.forgetMessages()
    expect(room.excerpt(10, 0)).toMatchObject({ messages: [], complete: false })
    expect(room.publish('"4"', plenty)).toBe(4)
    expect(room.excerpt(10, 3)).toEqual({ first: 4, messages: ['"4"'], complete: true })
  })
})
