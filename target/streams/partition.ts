/**
 * The partition of a key: FNV-1a over its UTF-16 units with a finaliser, so that keys that differ only at their end spread
 * too. The same over restarts and versions: people look for their keys by partition.
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97)
  return ((hash ^ (hash >>> 15)) >>> 0) % partitions
}
