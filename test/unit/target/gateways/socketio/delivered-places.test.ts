import { describe, expect, it } from 'vitest'
import { DeliveredPlaces } from '../../../../../target/gateways/socketio/delivered-places.ts'

const event = (channel: string, sequence: number) => ({ kind: 'event', channel, sequence }) as const

function places(most = 100): DeliveredPlaces {
  const made = new DeliveredPlaces(() => most)
  made.begin('a', 10)
  made.begin('b', 0)
  return made
}

describe('the places of a lost connection', () => {
  it('are those of each channel at the offset, not after it', () => {
    const sent = places()
    for (const [channel, sequence] of [
      ['a', 11],
      ['b', 1],
      ['a', 12],
      ['b', 2],
    ] as const)
      sent.sent(event(channel, sequence))
    expect(sent.behind('a@11')?.after).toEqual(
      new Map([
        ['a', 11],
        ['b', 0],
      ]),
    )
    expect(sent.behind('a@12')?.after).toEqual(
      new Map([
        ['a', 12],
        ['b', 1],
      ]),
    )
    expect(sent.behind('b@2')?.after).toEqual(
      new Map([
        ['a', 12],
        ['b', 2],
      ]),
    )
  })

  it('are unknown for an offset that never was, or was too long ago', () => {
    const sent = places(2)
    for (const sequence of [11, 12, 13]) sent.sent(event('a', sequence))
    expect(sent.size).toBe(2)
    expect([sent.behind('a@11'), sent.behind('c@1')]).toEqual([undefined, undefined])
    expect(sent.behind('a@12')?.after).toEqual(
      new Map([
        ['a', 12],
        ['b', 0],
      ]),
    )
  })

  it('keep the place of a channel whose events are no longer remembered', () => {
    const sent = places(1)
    sent.sent(event('b', 1))
    sent.sent(event('a', 11))
    expect(sent.behind('a@11')?.after).toEqual(
      new Map([
        ['a', 11],
        ['b', 1],
      ]),
    )
  })

  it('name the messages of the client itself after the offset, and forget a channel that it left', () => {
    const sent = places()
    sent.own('a', 11)
    sent.sent(event('a', 12))
    sent.own('a', 13)
    sent.end('b')
    expect(sent.behind('a@12')).toEqual({ after: new Map([['a', 12]]), own: new Set(['a@13']) })
    expect(sent.behind('a@13')).toBeUndefined()
  })

  it('do not count events without a place', () => {
    const sent = places()
    sent.sent({ kind: 'event', channel: 'a', sequence: 'presence' })
    sent.sent({ kind: 'control' })
    expect(sent.size).toBe(0)
  })
})
