import type { AudienceMember, AudienceTerms } from './audience-member.ts'
import type { Batch } from './batch.ts'
import { DirectSeats } from './direct-seats.ts'
import type { Frame } from './frame.ts'
import { SeatSums } from './seat-sums.ts'

/**
 * Connections that get the same frames. Where nothing can be decided about single frames, a connection has a **seat**: a frame is noted
 * once for all seats, and each gets the frames of a turn of the event loop together. The other connections stand, and are given every frame.
 *
 * A connection stands up before anything else happens to it, and takes along what was noted. So it never makes a difference
 * to a client whether its connection had a seat.
 */
export class Audience {
  readonly #standing = new Set<AudienceMember>()
  readonly #seats: AudienceMember[] = []
  /** Sockets of the seats. */
  readonly #direct = new DirectSeats()
  /** Everything that was noted in this turn. Nobody sits down until it is written. */
  #noted: Batch | undefined
  /** Number of seats, the first ones, to which it has not been written. */
  #unwritten = 0
  /** Everything that was written to the seats so far, and that without what is being written: for those to which it is not written. */
  #written = SeatSums.nothing
  #before = SeatSums.nothing
  /** Those of the first connection. Connections with others have no seat. */
  #terms: AudienceTerms | undefined
  /** From this number of bytes on, one of the sockets holds frames back. */
  #highWaterMark = Number.POSITIVE_INFINITY

  get size(): number {
    return this.#standing.size + this.#seats.length
  }

  add(member: AudienceMember): void {
    if (member.audience === this || this.#standing.has(member)) return
    this.#highWaterMark = Math.min(this.#highWaterMark, member.highWaterMark)
    const { flusher, budget, allFaults } = (this.#terms ??= member.terms)
    const { terms } = member
    const isLike = terms.flusher === flusher && terms.budget === budget && terms.allFaults === allFaults
    if (isLike && member.audience === undefined) member.audience = this
    this.#standing.add(member)
  }

  /** Returns whether it was there. */
  delete(member: AudienceMember): boolean {
    if (member.audience === this) {
      this.unseat(member)
      member.audience = undefined
    }
    return this.#standing.delete(member)
  }

  /** Gives a frame to all connections, except for one. */
  offer(frame: Frame, except?: AudienceMember): void {
    if (except?.audience === this) this.unseat(except)
    // First, because one of them may end, which may make another stand up. A set also yields those that were added meanwhile.
    for (const member of this.#standing) if (member !== except) member.enqueue(frame)
    if (this.#seats.length === 0) return
    if (this.#canNote(frame)) this.#note(frame)
    // They stand up for it.
    else for (const member of this.#seats.slice()) member.enqueue(frame)
  }

  /** Gives a seat to a member on whose connection nothing waits. */
  seat(member: AudienceMember): void {
    if (this.#noted !== undefined) return
    this.#standing.delete(member)
    member.seat = this.#seats.push(member) - 1
    member.counted = this.#written
    this.#direct.push(member.wire)
  }

  /** Takes the seat of a member, if it has one, and gives it what was noted. From then on it is given every frame. */
  unseat(member: AudienceMember): void {
    const { seat } = member
    if (seat < 0) return
    const noted = this.notedFor(seat)
    this.settle(member)
    this.#vacate(seat)
    member.seat = -1
    this.#standing.add(member)
    if (noted !== undefined) member.takeNoted(noted)
  }

  /** Returns what was noted for a seat, and is not written yet. */
  notedFor(seat: number): Batch | undefined {
    return seat < this.#unwritten ? this.#noted : undefined
  }

  /** Returns everything that was written for a seat, and for those that had one before. */
  writtenFor(seat: number): SeatSums {
    return seat < this.#unwritten ? this.#before : this.#written
  }

  /** Lets a member with a seat count what was written to it since it was last asked. */
  settle(member: AudienceMember): void {
    const written = this.writtenFor(member.seat)
    const { counted } = member
    if (written === counted) return
    member.counted = written
    member.count(written, counted)
  }

  /** Writes what was noted, at the end of the turn. */
  flush(): void {
    const noted = this.#noted as Batch
    this.#written = this.#before.with(noted, (this.#terms as AudienceTerms).flusher.turnAt)
    while (this.#unwritten > 0) {
      const end = this.#unwritten
      const last = this.#seats[end - 1] as AudienceMember
      const { encoding } = last.wire
      this.#unwritten = this.#direct.write(end, encoding, noted.joined(encoding))
      // Of all to which it was written, only the lowest seat can hold a part.
      if (this.#unwritten < end) (this.#seats[this.#unwritten] as AudienceMember).wroteNoted(noted)
      else this.#writeThrough(last, noted)
    }
    this.#noted = undefined
  }

  #writeThrough(member: AudienceMember, noted: Batch): void {
    if (!member.wire.isOpen) return this.unseat(member)
    this.#unwritten -= 1
    member.writeNoted(noted)
    if (member.seat >= 0) this.#direct.place(member.seat, member.wire)
  }

  /** Whether each connection with a seat would hand the frame to its socket in this turn. */
  #canNote({ bytes }: Frame): boolean {
    const noted = this.#noted
    const { allFaults, budget } = this.#terms as AudienceTerms
    if (allFaults.on) return false
    if (noted === undefined) return true
    // The beginning is written to some already.
    if (this.#unwritten < this.#seats.length) return false
    return noted.bytes < this.#highWaterMark && noted.bytes + bytes.length <= budget().budgetBytes
  }

  #note(frame: Frame): void {
    if (this.#noted === undefined) {
      this.#before = this.#written
      this.#unwritten = this.#seats.length
      this.#noted = (this.#terms as AudienceTerms).flusher.beginFor(this, frame)
    } else this.#noted = this.#noted.with(frame)
  }

  /** Closes the gap: those that wait for what was noted stay the first ones. */
  #vacate(seat: number): void {
    let gap = seat
    if (gap < this.#unwritten) {
      this.#unwritten -= 1
      this.#place(this.#seats[this.#unwritten] as AudienceMember, gap)
      gap = this.#unwritten
    }
    const last = this.#seats.pop() as AudienceMember
    if (gap < this.#seats.length) this.#place(last, gap)
    this.#direct.pop()
  }

  #place(member: AudienceMember, seat: number): void {
    this.#direct.move(member.seat, seat)
    this.#seats[seat] = member
    member.seat = seat
  }
}
