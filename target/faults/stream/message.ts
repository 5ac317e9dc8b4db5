import type { FaultType } from '../../../contract/faults/fault.ts'
import type { Frame } from '../../connections/frame.ts'

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

/** @param ordinal what stands for it if it has no place in a sequence */
export function messageOfEvent({ position, cursor }: Frame, ordinal: number): Message {
  if (position !== undefined) {
    const { stream, partition, offset } = position
    return {
      kind: 'event',
      channel: stream,
      identity: [stream, partition, offset],
      sequence: `${stream}/${partition}`,
    }
  }
  const at = cursor.lastIndexOf('@')
  const [channel, place] = [cursor.slice(0, at), cursor.slice(at + 1)]
  const hasPlace = /^\d+$/.test(place)
  return {
    kind: 'event',
    channel,
    identity: [channel, place, ...(hasPlace ? [] : [ordinal])],
    sequence: hasPlace ? channel : undefined,
  }
}

/** @param ordinal among the answers of its connection */
export function messageOfAnswer(said: object, ordinal: number): Message {
  const { type, op, channel, documentId, topics, streams } = said as Record<string, unknown>
  const verb = type ?? op
  const named = channel ?? documentId ?? onlyOne(topics) ?? onlyOne(streams)
  return {
    kind: verb === 'error' ? 'refusal' : verb === 'pong' ? 'pong' : 'acknowledgement',
    channel: typeof named === 'string' ? named : undefined,
    identity: ['answer', ordinal],
    sequence: undefined,
  }
}

/** Whether a fault is for such messages at all. */
export function concerns(type: FaultType, { kind, sequence }: Message): boolean {
  if (type === 'drop' || type === 'duplicate') return kind === 'event'
  if (type === 'reorder') return sequence !== undefined
  return type === 'partial_ack' ? kind === 'acknowledgement' : true
}

function onlyOne(names: unknown): unknown {
  return Array.isArray(names) && names.length === 1 ? names[0] : undefined
}
