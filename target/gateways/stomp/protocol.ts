import { Type } from '../../../core/schema.ts'
import { controlHeader } from '../../../contract/stomp/outcome.ts'
import { heartbeat, writeFrame } from '../../../contract/stomp/write-frame.ts'
import { control, refusal } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import { SentFrame } from '../../protocols/sent-frame.ts'
import type { SocketProtocol } from '../../protocols/socket-protocol.ts'

/** The one action of the endpoint: bytes that may hold any part of a frame, or several. */
export const stompActions = { bytes: Type.Object({ bytes: Type.Unsafe<Buffer>(Type.Unknown()) }) }

const nothing = new SentFrame('{}')

/** STOMP over WebSockets: its session reads the frames and answers them. */
export const stompProtocol: SocketProtocol = {
  verb: 'action',
  decode: bytes => ({ action: 'bytes', body: { bytes }, sent: nothing }),
  encode: ({ message, about, key }) => new SocketFrame(message as string, about, key),
  pong: () => new SocketFrame(heartbeat),
  refuse: ({ message }) => new SocketFrame(writeFrame('ERROR', { message }, '1.2'), refusal),
  lagged({ dropped, from, to }) {
    const { subscription = '' } = from
    const headers = {
      subscription,
      'message-id': `lagged ${from.channel}`,
      destination: from.channel,
      'content-type': 'application/json',
      [controlHeader]: 'lagged',
    }
    const lagged = { dropped, from: `${from.channel}@${from.sequence}`, to: `${to.channel}@${to.sequence}` }
    return new SocketFrame(writeFrame('MESSAGE', headers, '1.2', JSON.stringify(lagged)), control)
  },
}
