import type { ExchangeFailure } from '../../engine/failure.ts'

/**
 * Option of a socket: how many of its pongs may wait to be written. Pings gather while a socket is not read, and then come all
 * at once; by default the library takes 60 for a flood, and ends the socket without a reason.
 */
export const pongLimit = { maxPendingAutoPongs: 10_000 }

/** Failure of a socket that had more pings to answer than that. */
export const pingFlood: ExchangeFailure = {
  reason: 'protocol',
  example: 'expected pings that can be answered, got them faster than pongs were taken',
}

interface PendingPing {
  sentAt: number
  answered: (tookMs: number) => void
}

/** Pings that wait for their pongs, identified by their payload. */
export class Pings {
  /** Made with the first: most sockets never ping. */
  #pending: Map<number, PendingPing> | undefined
  #count = 0

  /** Payload to send. */
  add(sentAt: number, answered: (tookMs: number) => void): { ordinal: number; data: Buffer } {
    const ordinal = (this.#count = (this.#count + 1) >>> 0)
    this.#pending ??= new Map()
    this.#pending.set(ordinal, { sentAt, answered })
    const data = Buffer.alloc(4)
    data.writeUInt32BE(ordinal)
    return { ordinal, data }
  }

  delete(ordinal: number): void {
    this.#pending?.delete(ordinal)
  }

  /** A server may answer the newest ping only: that is an answer to all before it, too. */
  pong(data: Buffer, now: number): void {
    const answered = data.length === 4 ? data.readUInt32BE() : undefined
    if (this.#pending === undefined || answered === undefined || !this.#pending.has(answered)) return
    for (const [ordinal, ping] of this.#pending) {
      this.#pending.delete(ordinal)
      ping.answered(now - ping.sentAt)
      if (ordinal === answered) return
    }
  }
}
