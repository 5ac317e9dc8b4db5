import { describe, expect, it } from 'vitest'
import type { SocketOperation } from '../../../../contract/api/sockets.ts'
import { eventFrames } from '../../../../harness/delivery/event-frames.ts'
import { FanOut } from '../../../../harness/delivery/fan-out.ts'
import { SocketDelivery } from '../../../../harness/delivery/socket-delivery.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { RecordingRecorder } from '../client/support.ts'

/** Counts of the frames: events, gaps, duplicates, out of order, and latencies. */
function found(operation: SocketOperation, frames: Record<string, unknown>[]) {
  const clock = new FakeClock()
  const recorder = new RecordingRecorder()
  const tags = { name: operation }
  const fanOut = new FanOut(clock)
  const delivery = new SocketDelivery({
    clock,
    recorder,
    tags,
    frames: eventFrames[operation],
    fanOut,
    tenant: 'public',
  })
  for (const frame of frames) delivery.received(frame)
  delivery.end()
  return {
    events: recorder.sum('ws_events'),
    gaps: recorder.sum('event_gaps'),
    duplicates: recorder.sum('event_duplicates'),
    late: recorder.sum('event_out_of_order'),
    latenciesMs: recorder.of('event_e2e_latency').map(({ value }) => Math.round(value)),
  }
}

const now = new FakeClock().wallTime()
const none = { gaps: 0, duplicates: 0, late: 0 }

describe('chat', () => {
  const delivered = (channel: string, sequence: number, sentAt?: unknown) => ({
    type: 'message_delivered',
    channel,
    sequence,
    message: { id: sequence, sentAt },
  })
  const joined = (channel: string, sequence: number) => ({
    type: 'subscription_confirmed',
    channel,
    sequence,
    members: 2,
  })
  const ack = (channel: string, sequence: number) => ({
    type: 'message_ack',
    channel,
    sequence,
    id: 1,
    acceptedAt: now,
  })

  it('counts deliveries, and the time since they were sent', () => {
    expect(
      found('sockets.chat', [joined('a', 4), delivered('a', 5, now - 30), delivered('a', 6, '2026-01-01')]),
    ).toEqual({
      events: 2,
      ...none,
      latenciesMs: [30],
    })
  })

  it('counts gaps between the subscription and the first message', () => {
    expect(found('sockets.chat', [joined('a', 4), delivered('a', 7)])).toMatchObject({ gaps: 2 })
  })

  it('treats the acknowledgement of its own message as its delivery', () => {
    expect(found('sockets.chat', [joined('a', 0), delivered('a', 1), ack('a', 2), delivered('a', 3)])).toMatchObject({
      events: 2,
      ...none,
    })
  })

  it('does not treat its own message to an unsubscribed channel as a delivery there', () => {
    expect(found('sockets.chat', [ack('b', 3), ack('b', 9)])).toMatchObject({ events: 0, ...none })
  })

  it('keeps channels apart', () => {
    const frames = [joined('a', 0), joined('b', 8), delivered('a', 1), delivered('b', 9), delivered('a', 2)]
    expect(found('sockets.chat', [...frames, delivered('b', 9), delivered('a', 9), delivered('a', 5)])).toMatchObject({
      gaps: 5,
      duplicates: 1,
      late: 1,
    })
  })

  it('counts no gap for the time between two subscriptions', () => {
    const left = { type: 'unsubscription_confirmed', channel: 'a' }
    expect(
      found('sockets.chat', [joined('a', 0), delivered('a', 1), left, ack('a', 5), joined('a', 9), delivered('a', 10)]),
    ).toMatchObject(none)
  })
})

describe('notifications', () => {
  const push = (type: string, topic: string, sequence: number) => ({
    type,
    topic,
    sequence,
    id: 'x',
    created_at: now - 5,
  })

  it('counts pushes of all kinds, by topic', () => {
    const frames = [
      { type: 'subscribed', topics: ['account.1.orders', 'account.1.billing'] },
      push('order_update', 'account.1.orders', 4),
      push('invoice_ready', 'account.1.billing', 2),
      push('notification', 'account.1.notifications', 1),
      push('order_update', 'account.1.orders', 6),
      { type: 'pong', server_ts: now },
    ]
    expect(found('sockets.notifications', frames)).toEqual({ events: 4, ...none, gaps: 1, latenciesMs: [5, 5, 5, 5] })
    const again = { type: 'subscribed', topics: ['account.1.orders'] }
    expect(found('sockets.notifications', [...frames.slice(0, 2), again, frames[4]!])).toMatchObject(none)
  })
})

describe('quotes', () => {
  const quote = (type: string, sequence: number) => ({ type, symbol: 'NASDAQ:AAPL', sequence, ts: now - 2 })
  const answer = (op: string) => ({ op, streams: ['quotes.NASDAQ:AAPL'] })

  it('begins with the snapshot, which is not an event', () => {
    expect(
      found('sockets.quotes', [answer('subscribed'), quote('snapshot', 7), quote('quote', 8), quote('quote', 10)]),
    ).toEqual({
      events: 2,
      ...none,
      gaps: 1,
      latenciesMs: [2, 2],
    })
  })

  it('counts no gap for the time without a subscription', () => {
    const frames = [
      answer('subscribed'),
      quote('quote', 8),
      answer('unsubscribed'),
      answer('subscribed'),
      quote('quote', 90),
    ]
    expect(found('sockets.quotes', frames)).toMatchObject(none)
  })
})

describe('collaboration', () => {
  const applied = (sequence: number) => ({
    type: 'operation_applied',
    documentId: 'd',
    sequence,
    operation: {},
    author: 'me',
  })
  const joined = { type: 'document_joined', documentId: 'd', sequence: 3, text: '', members: 1 }

  it('compares the replay of a resumed session with the events before it', () => {
    const resumed = { type: 'session_resumed', documentId: 'd', sequence: 7, replayed: 2 }
    expect(
      found('sockets.collaboration', [joined, applied(4), applied(5), resumed, applied(6), applied(7)]),
    ).toMatchObject({
      events: 4,
      ...none,
    })
    expect(found('sockets.collaboration', [joined, applied(4), resumed, applied(6), applied(7)])).toMatchObject({
      gaps: 1,
    })
  })

  it('starts over with the current text', () => {
    const resync = { type: 'session_resumed', documentId: 'd', sequence: 90, replayed: 0, resync: { text: 'x' } }
    expect(found('sockets.collaboration', [joined, applied(4), resync, applied(91)])).toMatchObject({
      events: 2,
      ...none,
    })
  })

  it('counts frames about members as events without a place', () => {
    const presence = { type: 'presence', documentId: 'd', member: 'm', presence: {}, state: 'joined' }
    expect(found('sockets.collaboration', [joined, presence, applied(4)])).toMatchObject({
      events: 2,
      ...none,
      latenciesMs: [],
    })
  })
})

it('frames of an unknown server are ignored', () => {
  const strange = [
    {},
    { type: 'message_delivered' },
    { type: 'message_delivered', channel: {}, sequence: 'x', message: null },
  ]
  expect(found('sockets.chat', strange)).toMatchObject({ events: 2, ...none })
  expect(found('sockets.quotes', [{ op: 'subscribed', streams: 5 }])).toMatchObject({ events: 0 })
})

describe('a server that sends anything', () => {
  it.each([
    ['a type that every object has', { type: 'constructor', channel: 'a', sequence: 1, keys: ['a'] }],
    ['a type that is the prototype of all objects', { type: '__proto__', channel: 'a', sequence: 1 }],
    ['a type that does not become text', { type: { toString: 1 }, channel: 'a', sequence: 1 }],
    ['a channel that does not become text', { type: 'unsubscription_confirmed', channel: { toString: 1 } }],
  ])('is not believed about %s', (_what, frame) => {
    expect(found('sockets.chat', [frame])).toEqual({ events: 0, ...none, latenciesMs: [] })
  })

  it('is not believed about topics that do not become text', () => {
    expect(found('sockets.notifications', [{ type: 'subscribed', topics: [{ toString: 1 }] }]).events).toBe(0)
  })
})
