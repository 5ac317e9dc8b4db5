import { Type } from '../../../core/schema.ts'
import { control, pong, refusal } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import { SentFrame } from '../../protocols/sent-frame.ts'
import type { SocketProtocol } from '../../protocols/socket-protocol.ts'
import { controlPacket } from './packet.ts'

/** The one action of the endpoint: bytes that hold a packet of Engine.IO, or the message in one. */
export const socketioActions = {
  bytes: Type.Object({ bytes: Type.Unsafe<Buffer>(Type.Unknown()), isBinary: Type.Boolean() }),
}

const nothing = new SentFrame('{}')

/** Engine.IO over WebSockets and polls: its session reads the packets and answers them. */
export const socketioProtocol: SocketProtocol = {
  verb: 'action',
  decode: (bytes, isBinary) => ({ action: 'bytes', body: { bytes, isBinary }, sent: nothing }),
  encode: ({ message, about, key }) => new SocketFrame(message as string, about, key),
  pong: () => new SocketFrame('3', pong),
  refuse: () => new SocketFrame('1', refusal),
  lagged({ dropped, from, to }) {
    const { subscription = '/' } = from
    const [namespace = '/'] = subscription.split(' ')
    const lagged = {
      type: 'lagged',
      dropped,
      from: `${from.channel}@${from.sequence}`,
      to: `${to.channel}@${to.sequence}`,
    }
    return namespace === '/'
      ? new SocketFrame('6', control)
      : controlPacket(namespace, 'lagged', JSON.stringify(lagged))
  },
}
