import type { Random } from '../../core/random.ts'
import type { Connection } from './connection.ts'

/** Anything with a connection. */
export interface Connected {
  readonly connection: Connection
}

/** Bytes that wait for all of them. */
export function bufferedBytesOf(all: Iterable<Connected>): number {
  let bytes = 0
  for (const { connection } of all) bytes += connection.bufferedBytes
  return bytes
}

/** Ends this share of the connections, drawn by chance; answers how many. */
export function disconnectShare(all: ReadonlySet<Connected>, share: number, random: Random): number {
  const most = Math.round(all.size * share)
  let [chosen, left] = [0, all.size]
  for (const { connection } of all) {
    if (random.next() * left < most - chosen) {
      connection.close('control')
      chosen += 1
    }
    left -= 1
  }
  return chosen
}
