import type { AnswerAbout, EventAbout } from '../../connections/frame.ts'

/** A frame as rules see it. */
export interface Message {
  readonly kind: 'event' | 'acknowledgement' | 'pong' | 'refusal'
  /** Its stream, room, topic, symbol or document; undefined if it belongs to none or to several. */
  readonly channel: string | undefined
  /** Identifies the message among all messages to its consumer. A message that is sent again keeps it. */
  readonly identity: readonly (string | number)[]
  /** The partition or channel in whose order the event stands; undefined for messages without such an order. */
  readonly sequence: string | undefined
}

/** @param ordinal identifies the message among answers, or among events without a sequence */
export function messageOf(about: EventAbout | AnswerAbout, ordinal: number): Message {
  if (about.kind === 'answer') {
    return { kind: about.verb, channel: about.channel, identity: ['answer', ordinal], sequence: undefined }
  }
  const { channel, sequence } = about
  if (about.partition !== undefined) {
    const { partition, offset } = about
    return { kind: 'event', channel, identity: [channel, partition, offset], sequence: `${channel}/${partition}` }
  }
  const hasPlace = sequence !== 'presence'
  return {
    kind: 'event',
    channel,
    identity: [channel, String(sequence), ...(hasPlace ? [] : [ordinal])],
    sequence: hasPlace ? channel : undefined,
  }
}
