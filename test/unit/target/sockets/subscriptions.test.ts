import { describe, expect, it } from 'vitest'
import { SocketRefusal } from '../../../../target/protocols/refusal.ts'
import { Subscriptions } from '../../../../target/sockets/subscriptions.ts'
import { roomy } from '../../../support/memory.ts'

describe('subscriptions', () => {
  it('return the new names, each once', () => {
    const subscriptions = new Subscriptions(() => 10, roomy())
    expect([...subscriptions]).toEqual([])
    expect([...subscriptions.add(['a', 'b', 'a'])]).toEqual(['a', 'b'])
    expect([...subscriptions.add(['b', 'c'])]).toEqual(['c'])
    expect([...subscriptions]).toEqual(['a', 'b', 'c'])
    expect(subscriptions.size).toBe(3)
    expect(subscriptions.delete('a')).toBe(true)
    expect(subscriptions.delete('a')).toBe(false)
    expect(subscriptions.has('a')).toBe(false)
  })

  it('are added all or not at all, within the current limit', () => {
    let most = 2
    const subscriptions = new Subscriptions(() => most, roomy())
    subscriptions.add(['a'])
    expect(() => subscriptions.add(['b', 'c'])).toThrow(SocketRefusal)
    expect(() => subscriptions.add(['b', 'c'])).toThrow('at most 2 subscriptions a connection')
    expect([...subscriptions]).toEqual(['a'])
    // Names that are followed already are not charged again.
    expect(subscriptions.add(['a', 'b', 'b']).size).toBe(1)
    most = 1
    expect(subscriptions.add(['a', 'b']).size).toBe(0)
    expect(() => subscriptions.add(['c'])).toThrow('got 2 and 1 more')
  })
})
