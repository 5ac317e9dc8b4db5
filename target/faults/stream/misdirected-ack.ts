import type { Frame } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import { otherId } from '../request/corrupt-json.ts'
import type { MessageFault } from './message-fault.ts'

/** Fields that say which request an answer confirms, the most exact first. */
const NAMES = ['id', 'documentId', 'channel', 'streams', 'topics']

/** The header by which an answer of STOMP names its request. */
const RECEIPT = /^receipt-id:(.+)$/m
const otherReceipt = (_line: string, id: string) => `receipt-id:${otherId(id)}`

/** The number by which an acknowledgement of Socket.IO names its request. */
const ACKNOWLEDGED = /^(43(?:\/[^,]*,)?)(\d+)/
const otherAcknowledged = (_start: string, prefix: string, id: string) => `${prefix}${otherId(Number(id))}`

/** Makes the answer that confirms a request name another message, document or channel. */
export const misdirectedAck: MessageFault<'misdirected_ack'> = {
  concerns: ({ kind }) => kind === 'acknowledgement',
  treat(_injection, treatment) {
    // A malformed answer names nothing.
    treatment.change ??= misdirectedFrame
  },
}

/** Returns a copy of an answer that names another one; the answer itself if it names none. */
export function misdirectedFrame(frame: Frame): Frame {
  if (frame.misdirected !== undefined) return frame.misdirected()
  const { about, key, bytes, payloadBytes } = frame
  const payload = bytes.subarray(bytes.length - payloadBytes).toString()
  if (!payload.startsWith('{')) {
    const text = payload.replace(RECEIPT, otherReceipt).replace(ACKNOWLEDGED, otherAcknowledged)
    return text === payload ? frame : new SocketFrame(text, about, key)
  }
  const answer = JSON.parse(payload) as Record<string, unknown>
  const name = NAMES.find(each => answer[each] !== undefined)
  if (name === undefined) return frame
  const value = answer[name]
  const other = Array.isArray(value) ? value.map(each => otherId(each as string)) : otherId(value as string | number)
  return new SocketFrame(JSON.stringify({ ...answer, [name]: other }), about, key)
}
