import type { AnswerAbout, EventAbout } from '../../connections/frame.ts'

/** A frame as rules see it. */
export interface Message {
  readonly kind: 'event' | 'acknowledgement' | 'pong' | 'refusal'
  /** Its stream, room, topic, symbol or document, where it is of one alone. */
  readonly channel: string | undefined
  /** Identifies the message among all that its consumer is sent, however often it is sent. */
  readonly identity: readonly (string | number)[]
  /** Its partition or channel, if it has a place among the events of it; undefined for what has none. */
  readonly sequence: string | undefined
}

/** @param ordinal identifies the message among others that have no place: answers, or events without a sequence */
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
