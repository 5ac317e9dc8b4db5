import type { ParsedFrame } from './graphql-payload.ts'
import type { Turn } from './event-frames.ts'

/**
 * Returns the event in a packet, with its place as far as the server tells. The target’s own events end with an offset; what has none is
 * about the connection itself. Returns undefined for another packet.
 */
export function openedSocketioEvent(packet: ParsedFrame): ParsedFrame | undefined {
  if (packet['type'] === 'ack') return { type: 'ack', ...turnOf(packet) }
  if (packet['type'] !== 'event') return undefined
  const args = packet['args'] as readonly unknown[]
  if (packet['isForeign'] !== true && (args.length < 2 || typeof args.at(-1) !== 'string')) return undefined
  const content = objectIn(args[0])
  const { stream, partition, offset, channel, topic, symbol, sequence, message } = content
  const { timestamp, published_at, sentAt, created_at, ts } = { ...content, ...objectIn(message) }
  const isStream = stream !== undefined && offset !== undefined
  return {
    type: 'event',
    place: isStream ? placeIn(packet, stream, partition) : placeIn(packet, channel ?? topic ?? symbol),
    sequence: isStream ? offset : sequence,
    timestamp: timestamp ?? published_at ?? sentAt ?? created_at ?? ts,
  }
}

/** Acknowledgements that begin or end a sequence in a room. */
export const socketioTurns: Record<string, (frame: ParsedFrame) => Turn> = {
  ack: frame => frame['turn'] as Turn,
}

function turnOf(packet: ParsedFrame): { turn: Turn } {
  const { type, channel, sequence } = objectIn((packet['args'] as readonly unknown[])[0])
  const keys = [placeIn(packet, channel)]
  if (type === 'subscription_confirmed') return { turn: { keys, after: sequence } }
  return { turn: { keys: type === 'unsubscription_confirmed' ? keys : [] } }
}

function placeIn({ namespace }: ParsedFrame, ...names: readonly unknown[]): string {
  const known = [namespace, ...names].filter(name => typeof name === 'string' || typeof name === 'number')
  return known.join(' ')
}

function objectIn(value: unknown): ParsedFrame {
  return typeof value === 'object' && value !== null ? (value as ParsedFrame) : {}
}
