import type { ConnectionsNow } from '../../../contract/target-page.ts'
import type { PoolMember } from '../../connections/pool.ts'

const MOST_SHOWN = 8
const SIZES = [1, 16_384, 262_144]

/** Reads what waits for the clients of open connections: counts by size, and the few for which most waits. */
export function connectionBuffers(pools: readonly Iterable<PoolMember>[]): ConnectionsNow {
  const sizes: ConnectionsNow['sizes'] = [0, 0, 0, 0]
  let [open, bufferedBytes] = [0, 0]
  const fullest: { member: PoolMember; bytes: number }[] = []
  for (const pool of pools) {
    for (const member of pool) {
      const bytes = member.connection.bufferedBytes
      open += 1
      bufferedBytes += bytes
      const size = SIZES.findIndex(limit => bytes < limit)
      sizes[size === -1 ? SIZES.length : size]! += 1
      const last = fullest.at(-1)
      if (fullest.length === MOST_SHOWN && bytes <= last!.bytes) continue
      if (fullest.length === MOST_SHOWN) fullest.pop()
      const place = fullest.findIndex(other => other.bytes < bytes)
      fullest.splice(place === -1 ? fullest.length : place, 0, { member, bytes })
    }
  }
  return {
    open,
    bufferedBytes,
    sizes,
    fullest: fullest.map(({ member: { connection, exchange }, bytes }) => ({
      operation: exchange.operation,
      key: exchange.key ?? '',
      tenant: exchange.tenant,
      bufferedBytes: bytes,
      filled: bytes === 0 ? 0 : bytes / (bytes + connection.roomBytes),
      sentBytes: connection.payloadBytes,
    })),
  }
}
