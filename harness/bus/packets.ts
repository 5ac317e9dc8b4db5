/**
 * A packet between two sides of a link. Every packet says up to which one its sender has received. Parts and the close are numbered
 * from 1 and sent until that arrives.
 */
export type Packet = { received: number } & (
  | { kind: 'part'; sequence: number; isLast: boolean; bytes: Uint8Array }
  /** The last packet: its sender has closed the link, for this reason. */
  | { kind: 'close'; sequence: number; bytes: Uint8Array }
  /** Says only that its sender lives, and what it has received. */
  | { kind: 'alive' }
)

/** Kinds by the first byte of a packet. */
const kinds = { more: 1, last: 2, close: 3, alive: 4 } as const
const HEAD_BYTES = 9

/** Bytes of a packet beside those of its part. */
export const PACKET_BYTES = HEAD_BYTES

export function encodePacket(packet: Packet): Uint8Array {
  const bytes = packet.kind === 'alive' ? undefined : packet.bytes
  const encoded = new Uint8Array(HEAD_BYTES + (bytes?.length ?? 0))
  const view = new DataView(encoded.buffer)
  view.setUint8(0, codeOf(packet))
  view.setUint32(1, packet.received)
  view.setUint32(5, packet.kind === 'alive' ? 0 : packet.sequence)
  if (bytes !== undefined) encoded.set(bytes, HEAD_BYTES)
  return encoded
}

/** Returns undefined for bytes that are no packet. */
export function decodePacket(encoded: Uint8Array): Packet | undefined {
  if (encoded.length < HEAD_BYTES) return undefined
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength)
  const [code, received, sequence] = [view.getUint8(0), view.getUint32(1), view.getUint32(5)]
  const bytes = encoded.subarray(HEAD_BYTES)
  switch (code) {
    case kinds.alive:
      return { kind: 'alive', received }
    case kinds.close:
      return { kind: 'close', received, sequence, bytes }
    case kinds.more:
    case kinds.last:
      return { kind: 'part', received, sequence, isLast: code === kinds.last, bytes }
    default:
      return undefined
  }
}

function codeOf(packet: Packet): number {
  if (packet.kind !== 'part') return kinds[packet.kind]
  return packet.isLast ? kinds.last : kinds.more
}
