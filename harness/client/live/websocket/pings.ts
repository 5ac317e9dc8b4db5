import type { ExchangeFailure } from '../../engine/failure.ts'

/**
 * Option of a socket: the number of pongs that may wait to be written. While a socket is not read, pings accumulate and then arrive
 * all at once. By default, the library treats more than 60 as a flood and ends the socket without a reason.
 */
export const pongLimit = { maxPendingAutoPongs: 10_000 }

/** Failure of a socket that received more pings than that. */
export const pingFlood: ExchangeFailure = {
  reason: 'protocol',
  example: 'the server sent pings faster than it read pongs',
}

interface PendingPing {
  sentAt: number
  answered: (tookMs: number) => void
}

/** Pings that wait for their pongs, identified by their payload. */
export class Pings {
  /** Created with the first ping: most sockets never send one. */
  #pending: Map<number, PendingPing> | undefined
  #count = 0

  /** Adds a ping. Returns the payload to send. */
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

  /** Completes pings. A server may answer only the newest one, which also answers all earlier ones. */
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
