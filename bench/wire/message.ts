import { EVENT_MARKER } from './event.ts'

/** The one room that all WebSockets of a bench are in. */
export const CHANNEL = 'bench'

const MESSAGE_BYTES = 500
const ORDINAL_DIGITS = 12

export interface BenchChatMessage {
  /** Contains the marker, so that each delivery and each acknowledgement contains it once. */
  id: string
  senderId: string
  text: string
}

/** The first message of a subscriber once it is connected. */
export const subscribeAction = JSON.stringify({ action: 'subscribe', channel: CHANNEL, userId: 'bench' })

/** Returns a function that returns the JSON of a new publication at each call. */
export function messageSource(): () => string {
  let ordinal = 0
  const messageOf = (text: string): BenchChatMessage => ({
    id: `${String.fromCharCode(EVENT_MARKER)}${String(ordinal).padStart(ORDINAL_DIGITS, '0')}`,
    senderId: 'bench',
    text,
  })
  const text = 'x'.repeat(MESSAGE_BYTES - JSON.stringify(messageOf('')).length)
  return () => {
    const message = messageOf(text)
    ordinal++
    return JSON.stringify({ action: 'publish', channel: CHANNEL, message })
  }
}

/** Returns the frame that everyone in the room receives. */
export function deliveryOf(message: BenchChatMessage, sequence: number): string {
  return JSON.stringify({ type: 'message_delivered', channel: CHANNEL, sequence, message })
}

/** Returns the answer to the publisher. */
export function acknowledgementOf({ id }: BenchChatMessage, sequence: number): string {
  return JSON.stringify({ type: 'message_ack', id, channel: CHANNEL, sequence, acceptedAt: 1795132800000.25 })
}

/** The first message that a subscriber receives. */
export const confirmation = JSON.stringify({
  type: 'subscription_confirmed',
  channel: CHANNEL,
  members: 1000,
  sequence: 1000,
})
