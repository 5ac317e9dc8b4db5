import type { Packet } from './packets.ts'

type Numbered = Exclude<Packet, { kind: 'alive' }>
type Unnumbered = Numbered extends infer Each
  ? Each extends Numbered
    ? Omit<Each, 'sequence' | 'received'>
    : never
  : never
export type Outgoing = Unnumbered & { sequence: number }

/** Bytes that may be under way at once, so that a bus never has much of one sender in its memory. */
const MOST_UNDER_WAY_BYTES = 4 * 1024 * 1024
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 4000

/** Packets of one side that the other has not yet received. */
export class OutgoingPackets {
  readonly #waiting: Outgoing[] = []
  readonly #underWay: Outgoing[] = []
  #sequence = 0
  #bytesUnderWay = 0
  #pauseMs = FIRST_PAUSE_MS
  #sentAt = 0
  /** Bytes of all packets that wait or are under way. */
  bytes = 0

  get isEmpty(): boolean {
    return this.#waiting.length + this.#underWay.length === 0
  }

  add(packet: Unnumbered): void {
    this.#sequence += 1
    this.#waiting.push({ ...packet, sequence: this.#sequence })
    this.bytes += packet.bytes.length
  }

  /** Drops packets up to this one, which the other side has received. Nobody can have received what was never sent. */
  receivedUpTo(sequence: number, now: number): void {
    if (sequence > this.#sequence) return
    while (this.#underWay.length > 0 && this.#underWay[0]!.sequence <= sequence) {
      const { length } = this.#underWay.shift()!.bytes
      this.#bytesUnderWay -= length
      this.bytes -= length
      this.#pauseMs = FIRST_PAUSE_MS
      this.#sentAt = now
    }
  }

  /** Returns packets that may be sent for the first time. */
  takeNew(now: number): Outgoing[] {
    const taken: Outgoing[] = []
    while (this.#waiting.length > 0 && (this.#underWay.length === 0 || this.#bytesUnderWay < MOST_UNDER_WAY_BYTES)) {
      const packet = this.#waiting.shift()!
      if (this.#underWay.length === 0) this.#sentAt = now
      this.#underWay.push(packet)
      this.#bytesUnderWay += packet.bytes.length
      taken.push(packet)
    }
    return taken
  }

  /** Returns the packets to send again, because none of them was received for a while. */
  takeOverdue(now: number): readonly Outgoing[] {
    if (this.#underWay.length === 0 || now - this.#sentAt < this.#pauseMs) return []
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
    return this.takeAgain(now)
  }

  /** Returns everything under way: the bus may have lost it. */
  takeAgain(now: number): readonly Outgoing[] {
    this.#sentAt = now
    return this.#underWay
  }
}
