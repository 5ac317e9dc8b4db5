import { expect, it } from 'vitest'
import { FollowedChannels } from '../../../../../harness/client/socketio/followed-channels.ts'

it('streams are followed again after their last event, rooms from now on', () => {
  const followed = new FollowedChannels()
  followed.add({ stream: 'orders', from: 'earliest' })
  followed.add({ stream: 'pricing' })
  followed.add({ channel: 'lobby' })
  followed.answered({ type: 'subscribed', stream: 'pricing', cursor: 'begun' })
  followed.received({ stream: 'orders', cursor: 'one' })
  followed.received({ stream: 'orders', cursor: 'two' })
  followed.answered({ type: 'subscribed', stream: 'orders', cursor: 'late answer' })
  followed.received(undefined)
  expect(followed.again()).toEqual([
    { stream: 'orders', from: 'earliest', cursor: 'two' },
    { stream: 'pricing', cursor: 'begun' },
    { channel: 'lobby' },
  ])
})
