import { describe, expect, it } from 'vitest'
import { type LateMessage, Reordering } from '../../../../../target/faults/stream/reorder.ts'
import { SocketFrame } from '../../../../../target/connections/socket-wire.ts'
import { eventAbout } from '../../../../support/frame-about.ts'
import { roomy } from '../../../../support/memory.ts'

function late(name: string, sequence: string, distance: number): LateMessage & { cancelled: number } {
  const message = {
    frame: new SocketFrame(name, eventAbout(1, sequence)),
    sequence,
    distance,
    passed: 0,
    wait: { cancel: () => (message.cancelled += 1) },
    release() {},
    cancelled: 0,
  }
  return message
}

function dueAfter(reordering: Reordering, sequence: string): LateMessage[] {
  reordering.wentBy(sequence)
  const due: LateMessage[] = []
  for (let next = reordering.takeDue(); next !== undefined; next = reordering.takeDue()) due.push(next)
  return due
}

describe('messages that are kept back', () => {
  it('go behind as many later ones of their own sequence, in the order they came in', () => {
    const reordering = new Reordering(roomy())
    const [a, b, other] = [late('a', 'one', 2), late('b', 'one', 2), late('c', 'two', 1)]
    for (const message of [a, b, other]) reordering.hold(message)
    expect(dueAfter(reordering, 'one')).toEqual([])
    expect(dueAfter(reordering, 'two')).toEqual([other])
    expect(dueAfter(reordering, 'one')).toEqual([a, b])
    expect(a.cancelled).toBe(1)
    expect(reordering).toMatchObject({ length: 0, bytes: 0 })
  })

  it('are counted in bytes until they are taken', () => {
    const reordering = new Reordering(roomy())
    const [a, b] = [late('a', 'one', 5), late('bb', 'one', 5)]
    reordering.hold(a)
    reordering.hold(b)
    expect(reordering.bytes).toBe(a.frame.bytes.length + b.frame.bytes.length)
    expect(reordering.take(message => message === a)).toEqual([a])
    expect(reordering.frames()).toEqual([b.frame])
    expect(reordering.bytes).toBe(b.frame.bytes.length)
    expect({ aCancelled: a.cancelled, bCancelled: b.cancelled }).toEqual({ aCancelled: 1, bCancelled: 0 })
  })
})
