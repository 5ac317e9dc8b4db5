import { offsetText } from '../../../contract/socketio/namespaces.ts'
import { type AnswerAbout, control, type EventAbout, type Frame } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'

/** Prefixes of packets: a message of Engine.IO with an event or an acknowledgement of Socket.IO. */
const EVENT = '42'
const ACK = '43'

/** Returns an event with its place as the last argument. @param argument JSON */
export function eventPacket(namespace: string, name: string, argument: string, about: EventAbout, key?: string): Frame {
  const offset = JSON.stringify(offsetText(about.channel, about.sequence))
  return new SocketFrame(`${EVENT}${namespace},[${JSON.stringify(name)},${argument},${offset}]`, about, key)
}

/** Returns an event about the connection itself. It has no place. @param argument JSON */
export function controlPacket(namespace: string, name: string, argument: string): Frame {
  return new SocketFrame(`${EVENT}${namespace},[${JSON.stringify(name)},${argument}]`, control)
}

/** Returns the answer to a packet of a client: an acknowledgement if it wants one, else an event. @param argument JSON */
export function answerPacket(
  namespace: string,
  id: number | undefined,
  { name, argument }: { name: string; argument: string },
  about: AnswerAbout,
): Frame {
  const prefix = namespace === '/' ? '' : `${namespace},`
  const text =
    id === undefined ? `${EVENT}${prefix}[${JSON.stringify(name)},${argument}]` : `${ACK}${prefix}${id}[${argument}]`
  return new SocketFrame(text, about)
}

/** Returns the name by which an answer or event of a WebSocket endpoint is emitted: its type. @param json an object */
export function eventNameIn(json: string): string {
  return /^\{"(?:type|op)":"([\w.]+)"/.exec(json)?.[1] ?? /"type":"([\w.]+)"/.exec(json)?.[1] ?? 'message'
}
