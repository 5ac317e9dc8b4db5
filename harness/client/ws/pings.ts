interface Ping {
  sentAt: number
  answered: (tookMs: number) => void
}

/** Pings that wait for their pongs, told apart by what they carry. */
export class Pings {
  readonly #pending = new Map<number, Ping>()
  #count = 0

  /** What to send. */
  add(sentAt: number, answered: (tookMs: number) => void): { ordinal: number; data: Buffer } {
    const ordinal = (this.#count = (this.#count + 1) >>> 0)
    this.#pending.set(ordinal, { sentAt, answered })
    const data = Buffer.alloc(4)
    data.writeUInt32BE(ordinal)
    return { ordinal, data }
  }

  delete(ordinal: number): void {
    this.#pending.delete(ordinal)
  }

  /** A server may answer the newest ping only: that is an answer to all before it, too. */
  pong(data: Buffer, now: number): void {
    if (data.length !== 4) return
    const answered = data.readUInt32BE()
    if (!this.#pending.has(answered)) return
    for (const [ordinal, ping] of this.#pending) {
      this.#pending.delete(ordinal)
      ping.answered(now - ping.sentAt)
      if (ordinal === answered) return
    }
  }
}
