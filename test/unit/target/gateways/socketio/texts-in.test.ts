import { expect, it } from 'vitest'
import { SocketFrame } from '../../../../../target/connections/socket-wire.ts'
import { textsIn } from '../../../../../target/gateways/socketio/texts-in.ts'

it('frames of all three lengths give their texts back', () => {
  const texts = ['', 'é', 'x'.repeat(125), 'y'.repeat(126), 'z'.repeat(65_535), 'ü'.repeat(40_000)]
  expect(textsIn(Buffer.concat(texts.map(text => new SocketFrame(text).bytes)))).toEqual(texts)
})
