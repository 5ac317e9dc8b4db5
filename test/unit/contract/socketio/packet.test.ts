import { describe, expect, it } from 'vitest'
import { connectPacket, emitPacket, readPacket } from '../../../../contract/socketio/packet.ts'

describe('a packet of Socket.IO', () => {
  it.each([
    ['0{"sid":"a","pingInterval":1,"pingTimeout":2}', { type: 'open', sid: 'a', pingInterval: 1, pingTimeout: 2 }],
    ['1', { type: 'close' }],
    ['2', { type: 'ping' }],
    ['6', { type: 'noop' }],
    ['40{"sid":"a"}', { type: 'connected', namespace: '/', sid: 'a', pid: undefined }],
    ['40/chat,{"sid":"a","pid":"b"}', { type: 'connected', namespace: '/chat', sid: 'a', pid: 'b' }],
    ['41/chat,', { type: 'disconnected', namespace: '/chat' }],
    [
      '44/chat,{"message":"no","data":{"code":"x"}}',
      { type: 'refused', namespace: '/chat', message: 'no', data: { code: 'x' } },
    ],
    ['42["a",1]', { type: 'event', namespace: '/', id: undefined, event: 'a', args: [1] }],
    ['42/chat,12["a"]', { type: 'event', namespace: '/chat', id: 12, event: 'a', args: [] }],
    ['43/chat,12[{"b":"[7]"}]', { type: 'ack', namespace: '/chat', id: 12, args: [{ b: '[7]' }] }],
  ])('%s is read', (text, packet) => {
    expect(readPacket(text)).toEqual(packet)
  })

  it.each(['', '9', '451-["a"]', 'text'])('%j is not known', text => {
    expect(readPacket(text)).toBeUndefined()
  })

  it.each(['42{"a":1}', '42', '43/chat,1', '42["a"', '40/chat,{'])('%j is not valid', text => {
    expect(() => readPacket(text)).toThrow(SyntaxError)
  })

  it('is written as it is read', () => {
    expect(readPacket(emitPacket('/chat', 'a', [{ b: 1 }], 3))).toMatchObject({ event: 'a', args: [{ b: 1 }], id: 3 })
    expect(emitPacket('/', 'a', [])).toBe('42["a"]')
    expect(connectPacket('/chat', { token: 't' })).toBe('40/chat,{"token":"t"}')
  })
})
