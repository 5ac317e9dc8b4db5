import { expect, it } from 'vitest'
import type { Connection } from '../../../../target/connections/connection.ts'
import type { Frame } from '../../../../target/connections/frame.ts'
import { SubscriptionLanes } from '../../../../target/streams/lanes.ts'

class FakeConnection {
  refill: (() => void) | undefined
  pulled = 0
  readonly frames: Frame[] = []
  readonly bufferedBytes = 5
  readonly roomBytes = 7

  enqueue(frame: Frame): string {
    this.frames.push(frame)
    return 'sent'
  }

  pull(refill: () => void): void {
    this.pulled += 1
    this.refill = refill
  }

  waiting(): Frame[] {
    return this.frames
  }

  withdraw(isWanted: (frame: Frame) => boolean): Frame[] {
    return this.frames.filter(isWanted)
  }
}

function frame(subscription: string): Frame {
  const about = { kind: 'event', channel: 'c', sequence: 1, subscription } as const
  return { bytes: Buffer.alloc(1), payloadBytes: 1, about, key: undefined, waitingIn: 0 }
}

function opened() {
  const connection = new FakeConnection()
  const lanes = new SubscriptionLanes(connection as unknown as Connection)
  return { connection, one: lanes.open('one'), two: lanes.open('two') }
}

it('refills every lane that is behind, and asks for nothing once none is', () => {
  const { connection, one, two } = opened()
  const refilled: string[] = []
  one.refill = () => refilled.push('one')
  two.refill = () => refilled.push('two')
  connection.refill!()
  one.refill = undefined
  connection.refill!()
  two.refill = undefined
  expect({ refilled, refill: connection.refill }).toEqual({ refilled: ['one', 'two', 'two'], refill: undefined })
})

it('pulls the connection for a lane that falls behind', () => {
  const { connection, one } = opened()
  let refills = 0
  one.pull(() => (refills += 1))
  connection.refill!()
  expect({ pulled: connection.pulled, refills }).toEqual({ pulled: 1, refills: 1 })
})

it('shows a lane its own frames only', () => {
  const { one, two } = opened()
  const [first, second] = [frame('one'), frame('two')]
  one.enqueue(first)
  two.enqueue(second)
  expect([...one.waiting()]).toEqual([first])
  expect(two.withdraw(() => true)).toEqual([second])
  expect({ buffered: one.bufferedBytes, room: one.roomBytes }).toEqual({ buffered: 5, room: 7 })
})

it('sends nothing on a lane that has ended, and does not refill it', () => {
  const { connection, one } = opened()
  one.refill = () => {}
  one.end()
  one.refill = () => {}
  one.pull(() => {})
  expect({ sent: one.enqueue(frame('one')), refill: connection.refill, pulled: connection.pulled }).toEqual({
    sent: 'closed',
    refill: undefined,
    pulled: 0,
  })
})
