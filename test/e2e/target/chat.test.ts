import { describe, expect, it } from 'vitest'
import { NaiveSocket } from '../../support/naive-socket.ts'
import { clientsFlag, testTarget, type TestTarget, tokenOf } from './support.ts'

const clients = clientsFlag({ ann: ['chat'], bob: ['chat'], eve: ['streams.read'] })

const chatTarget = (flags: Record<string, string> = {}) => testTarget({ ...clients, ...flags })

async function enter(target: TestTarget, id = 'ann', headers: Record<string, string> = {}): Promise<NaiveSocket> {
  return NaiveSocket.open(`${target.url}/ws/chat?token=${await tokenOf(target, id)}`, headers)
}

const channel = 'room:lobby'
const message = (id: string, senderId = 'user-1') => ({
  id,
  senderId,
  text: `text of ${id}`,
  sentAt: 1_700_000_000_000,
})

describe('chat', () => {
  it('answers each frame of a naive script with the frame it expects', async () => {
    const socket = await enter(await chatTarget())
    expect(await socket.ask({ action: 'subscribe', channel, userId: 'user-1' })).toEqual({
      type: 'subscription_confirmed',
      channel,
      members: 1,
      sequence: 0,
    })
    for (let n = 1; n <= 20; n += 1) {
      expect(await socket.ask({ action: 'publish', channel, message: message(`m-${n}`) })).toEqual({
        type: 'message_ack',
        id: `m-${n}`,
        channel,
        sequence: n,
        acceptedAt: expect.any(Number) as number,
      })
      expect(await socket.ask({ action: 'ping', ts: n })).toMatchObject({ type: 'pong', ts: n })
    }
    expect(await socket.ask({ action: 'unsubscribe', channel })).toEqual({ type: 'unsubscription_confirmed', channel })
  })

  it.each(['room one', 'a/b?c=d', 'Zimmer №1', 42])(
    'takes channels as scripts name them, and repeats it: %j',
    async channel => {
      const target = await chatTarget()
      const [ann, bob] = [await enter(target), await enter(target, 'bob')]
      expect(await ann.ask({ action: 'unsubscribe', channel })).toEqual({ type: 'unsubscription_confirmed', channel })
      for (const socket of [ann, bob, bob]) {
        expect(await socket.ask({ action: 'subscribe', channel })).toMatchObject({
          type: 'subscription_confirmed',
          channel,
        })
      }
      expect(await ann.ask({ action: 'publish', channel, message: { id: 'm' } })).toMatchObject({
        type: 'message_ack',
        channel,
      })
      expect(await bob.next()).toMatchObject({ type: 'message_delivered', channel })
      expect(await ann.ask({ action: 'history', channel: String(channel) })).toMatchObject({
        messages: [{ sequence: 1 }],
      })
      expect(await ann.ask({ action: 'unsubscribe', channel })).toEqual({ type: 'unsubscription_confirmed', channel })
    },
  )

  it('takes fields as other languages write them, and tells them again as they were', async () => {
    const target = await chatTarget()
    const [ann, bob] = [await enter(target), await enter(target, 'bob')]
    await bob.ask({ action: 'subscribe', channel })
    for (const userId of [null, 7, 7.5, 'seven', '']) {
      expect(await ann.ask({ action: 'subscribe', channel, userId, extra: [] })).toMatchObject({ members: 2 })
    }
    for (const message of [
      { id: 1, senderId: null, text: null, sentAt: null },
      { id: 1_700_000_000.25, senderId: 7, text: '', sentAt: 1_700_000_000.25 },
      { id: 'm', senderId: 7.5, sentAt: '2026-01-01T00:00:00.000Z', extra: { deep: null } },
    ]) {
      expect(await ann.ask({ action: 'publish', channel, message })).toMatchObject({
        type: 'message_ack',
        id: message.id,
      })
      expect(await bob.next()).toMatchObject({ type: 'message_delivered', message })
    }
    expect(await ann.ask({ action: 'history', channel, after: null, limit: null })).toMatchObject({
      messages: [{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }],
    })
    expect(await ann.ask({ action: 'ping', ts: null })).toEqual({
      type: 'pong',
      server_ts: expect.any(Number) as number,
    })
    expect(await ann.ask({ action: 'history', channel, after: -1 })).toMatchObject({ code: 'invalid_request' })
  })

  it('delivers a message as it was sent, once, to every other member', async () => {
    const target = await chatTarget()
    const [ann, bob] = [await enter(target), await enter(target, 'bob')]
    await ann.ask({ action: 'subscribe', channel })
    await bob.ask({ action: 'subscribe', channel })
    expect(await bob.ask({ action: 'subscribe', channel })).toMatchObject({ members: 2, sequence: 0 })
    const sent = { ...message('m-1'), mood: ['ä', null], nested: { quote: '"' } }
    expect(await ann.ask({ action: 'publish', channel, message: sent })).toMatchObject({ sequence: 1 })
    expect(await bob.next()).toEqual({ type: 'message_delivered', channel, sequence: 1, message: sent })
    expect(await bob.ask({ action: 'ping' })).toMatchObject({ type: 'pong' })
    expect(await ann.ask({ action: 'ping' })).toMatchObject({ type: 'pong' })
  })

  it('accepts messages from clients outside the channel, and delivers none to members that have left', async () => {
    const target = await chatTarget()
    const [ann, bob] = [await enter(target), await enter(target, 'bob')]
    expect(await ann.ask({ action: 'publish', channel, message: message('before') })).toMatchObject({ sequence: 1 })
    await bob.ask({ action: 'subscribe', channel })
    await ann.ask({ action: 'publish', channel, message: message('during') })
    expect(await bob.next()).toMatchObject({ sequence: 2 })
    await bob.ask({ action: 'unsubscribe', channel })
    expect(await bob.ask({ action: 'unsubscribe', channel })).toMatchObject({ type: 'unsubscription_confirmed' })
    await ann.ask({ action: 'publish', channel, message: message('after') })
    expect(await bob.ask({ action: 'ping' })).toMatchObject({ type: 'pong' })
  })

  it('returns missed messages from its history', async () => {
    const target = await chatTarget({ 'chat.historyMessages': '3' })
    const ann = await enter(target)
    for (let n = 1; n <= 5; n += 1) await ann.ask({ action: 'publish', channel, message: message(`m-${n}`) })
    expect(await ann.ask({ action: 'history', channel, after: 3 })).toEqual({
      type: 'history',
      channel,
      messages: [
        { sequence: 4, message: message('m-4') },
        { sequence: 5, message: message('m-5') },
      ],
      complete: true,
    })
    expect(await ann.ask({ action: 'history', channel, after: 1, limit: 1 })).toMatchObject({
      messages: [{ sequence: 3 }],
      complete: false,
    })
    expect(await ann.ask({ action: 'history', channel: 'room:none' })).toMatchObject({ messages: [], complete: true })
  })

  it('counts a client out when its socket ends', async () => {
    const target = await chatTarget()
    const [ann, bob] = [await enter(target), await enter(target, 'bob')]
    await bob.ask({ action: 'subscribe', channel })
    await bob.close()
    expect(await ann.ask({ action: 'subscribe', channel })).toMatchObject({ members: 1 })
  })

  it('keeps tenants apart', async () => {
    const target = await chatTarget()
    const [ann, bob] = [await enter(target), await enter(target, 'bob', { 'x-tenant-id': 'other' })]
    await ann.ask({ action: 'subscribe', channel })
    expect(await bob.ask({ action: 'subscribe', channel })).toMatchObject({ members: 1 })
    expect(await bob.ask({ action: 'publish', channel, message: message('m-1') })).toMatchObject({ sequence: 1 })
    expect(await ann.ask({ action: 'publish', channel, message: message('m-1') })).toMatchObject({ sequence: 1 })
  })

  it('refuses bad frames, and the socket stays open', async () => {
    const target = await chatTarget({ 'chat.channels': '1', 'sockets.subscriptions': '1' })
    const [ann, bob] = [await enter(target), await enter(target, 'bob')]
    expect(await ann.ask({ action: 'subscribe', channel: 'two\nlines' })).toMatchObject({
      type: 'error',
      code: 'invalid_name',
      in_reply_to: 'subscribe',
    })
    expect(await ann.ask({ action: 'publish', channel, message: { text: 'without an id' } })).toMatchObject({
      code: 'invalid_request',
      detail: '/message/id: expected a value, got nothing',
    })
    await ann.ask({ action: 'subscribe', channel })
    expect(await ann.ask({ action: 'subscribe', channel: 'room:b' })).toMatchObject({ code: 'too_many_subscriptions' })
    expect(await bob.ask({ action: 'subscribe', channel: 'room:b' })).toMatchObject({ code: 'too_many_channels' })
    expect(await bob.ask({ action: 'publish', channel: 'room:b', message: message('m') })).toMatchObject({
      code: 'too_many_channels',
    })
    // A refused subscription does not count.
    expect(await bob.ask({ action: 'subscribe', channel })).toMatchObject({ members: 2 })
  })

  it('accepts any sender name in lenient mode, and only the subject of the token in strict mode', async () => {
    const lenient = await enter(await chatTarget())
    expect(await lenient.ask({ action: 'subscribe', channel, userId: 'bob' })).toMatchObject({ members: 1 })

    const strict = await enter(await chatTarget({ 'auth.mode': 'strict' }))
    expect(await strict.ask({ action: 'subscribe', channel, userId: 'bob' })).toMatchObject({
      type: 'error',
      code: 'forbidden',
      detail: "expected userId to be the token's subject, ann, got bob",
    })
    expect(await strict.ask({ action: 'publish', channel, message: message('m', 'bob') })).toMatchObject({
      code: 'forbidden',
    })
    expect(await strict.ask({ action: 'subscribe', channel, userId: null })).toMatchObject({ members: 1 })
    expect(await strict.ask({ action: 'publish', channel, message: message('m', 'ann') })).toMatchObject({
      sequence: 1,
    })
    expect(await strict.ask({ action: 'subscribe', channel, userId: 'ann' })).toMatchObject({ members: 1, sequence: 1 })
  })

  it('is closed to tokens without its scope', async () => {
    const target = await chatTarget()
    await expect(enter(target, 'eve')).rejects.toThrow('403')
    await expect(NaiveSocket.open(`${target.url}/ws/chat`)).rejects.toThrow('401')
  })

  it('is in the ledger: messages to others as events, answers not', async () => {
    const target = await chatTarget()
    const [ann, bob] = [await enter(target), await enter(target, 'bob')]
    await bob.ask({ action: 'subscribe', channel })
    for (let n = 1; n <= 3; n += 1) {
      await ann.ask({ action: 'publish', channel, message: message(`m-${n}`) })
      await bob.next()
    }
    await ann.close()
    await bob.close()
    const { sockets } = await target.settledLedger()
    expect(sockets.endpoints).toMatchObject([
      { operation: 'sockets.chat', opened: 2, received: 4, delivered: 3, unsent: 0, closed: { client: 2 } },
    ])
  })

  it('forgets its messages at a reset', async () => {
    const target = await chatTarget()
    const ann = await enter(target)
    await ann.ask({ action: 'publish', channel, message: message('m-1') })
    await fetch(`${target.url}/_loadcell/reset?what=data`, { method: 'POST' })
    expect(await ann.ask({ action: 'history', channel })).toMatchObject({ messages: [], complete: true })
  })
})
