import { offsetText } from '../../../contract/socketio/namespaces.ts'
import { Ring } from '../../../core/ring.ts'
import type { About } from '../../connections/frame.ts'

interface SentPlace {
  channel: string
  sequence: number
  /** Whether the client sent it itself. */
  isOwn: boolean
}

/** Where a recovered connection goes on in each of its channels. */
export interface RecoveredPlaces {
  /** Place after which to go on, by channel. */
  after: ReadonlyMap<string, number>
  /** Messages after it that the client sent itself, as offsets. */
  own: ReadonlySet<string>
}

/** The last events that were sent to a client, so that an offset says what it has of every channel. */
export class DeliveredPlaces {
  readonly #limit: () => number
  /** Place of each channel before the entries. */
  readonly #before = new Map<string, number>()
  readonly #entries = new Ring<SentPlace>(1)

  constructor(limit: () => number) {
    this.#limit = limit
  }

  /** Number of remembered events. */
  get size(): number {
    return this.#entries.length
  }

  /** Begins to follow a channel after this place. */
  begin(channel: string, sequence: number): void {
    this.#before.set(channel, sequence)
  }

  end(channel: string): void {
    this.#before.delete(channel)
  }

  sent(about: About): void {
    if (about.kind !== 'event') return
    const { channel, sequence } = about
    if (typeof sequence === 'number') this.#push({ channel, sequence, isOwn: false })
  }

  /** Notes a message of the client itself, which is not sent to it. */
  own(channel: string, sequence: number): void {
    this.#push({ channel, sequence, isOwn: true })
  }

  /** Returns where to go on behind the event with this offset; undefined if it is no longer known. */
  behind(offset: string): RecoveredPlaces | undefined {
    const { length } = this.#entries
    let last = length - 1
    while (last >= 0 && !this.#isAt(last, offset)) last -= 1
    if (last < 0) return undefined
    const after = new Map(this.#before)
    const own = new Set<string>()
    for (let at = 0; at < length; at += 1) {
      const { channel, sequence, isOwn } = this.#entries.at(at) as SentPlace
      if (at <= last) {
        if (after.has(channel)) after.set(channel, sequence)
      } else if (isOwn) own.add(offsetText(channel, sequence))
    }
    return { after, own }
  }

  #isAt(index: number, offset: string): boolean {
    const { channel, sequence, isOwn } = this.#entries.at(index) as SentPlace
    return !isOwn && offsetText(channel, sequence) === offset
  }

  #push(entry: SentPlace): void {
    this.#entries.push(entry)
    while (this.#entries.length > this.#limit()) {
      const { channel, sequence } = this.#entries.shift() as SentPlace
      if (this.#before.has(channel)) this.#before.set(channel, sequence)
    }
  }
}
