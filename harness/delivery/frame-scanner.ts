import { isTextAt } from '../../core/text-at.ts'
import { type EventFrames, UNNAMED } from './event-frames.ts'
import { type Entrance, ObjectScanner, QUOTE, textOr, wholeNumber } from './object-scanner.ts'

/** Fields of a frame that its accounts read. */
export interface AccountedFrame {
  /** Its type, or its `op`. */
  readonly type: string
  readonly key: string
  readonly sequence: number | undefined
  /** When it happened, by the wall clock in ms. */
  readonly happenedAt: number | undefined
}

interface WantedField {
  slot: 'type' | 'op' | 'key' | 'sequence' | 'time'
  name: Buffer
  depth: 1 | 2
}

/** Reads the fields that accounts need from the bytes of a frame whose fields have their usual types. */
export class FrameScanner extends ObjectScanner implements AccountedFrame {
  key = UNNAMED
  sequence: number | undefined
  happenedAt: number | undefined
  #type: string | undefined
  #op: string | undefined
  readonly #turns: EventFrames['turns']
  readonly #fields: readonly WantedField[]
  /** Name of the object that has the time, and whether it has come. */
  readonly #within: Buffer | undefined
  #hasEntered = false
  /** Texts of the last frame. Most frames have the same, so no new string is made. */
  #lastType = ''
  #lastKey = ''

  constructor({ key, turns }: EventFrames, { timestamp, within }: NonNullable<EventFrames['scanned']>) {
    const fields: WantedField[] = [
      { slot: 'type', name: Buffer.from('type'), depth: 1 },
      { slot: 'op', name: Buffer.from('op'), depth: 1 },
      { slot: 'key', name: Buffer.from(key), depth: 1 },
      { slot: 'sequence', name: Buffer.from('sequence'), depth: 1 },
    ]
    if (timestamp !== undefined)
      fields.push({ slot: 'time', name: Buffer.from(timestamp), depth: within === undefined ? 1 : 2 })
    const inner = within === undefined ? [] : [Buffer.from(within)]
    super([...fields.map(({ name }) => name), ...inner])
    this.#turns = turns
    this.#fields = fields
    this.#within = inner[0]
  }

  get type(): string {
    return this.#type ?? this.#op ?? UNNAMED
  }

  /** Reads the fields. Returns false for a frame that needs a parser: then they mean nothing. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    this.#hasEntered = false
    this.#type = undefined
    this.#op = undefined
    this.key = UNNAMED
    this.sequence = undefined
    this.happenedAt = undefined
    // A frame that starts or ends sequences says so in fields of its own.
    return this.scanObject(bytes, start, end) && !Object.hasOwn(this.#turns, this.type)
  }

  protected take(bytes: Buffer, keyAt: number, keyLength: number, start: number, end: number, depth: number): boolean {
    const slot = this.#slotAt(bytes, keyAt, keyLength, depth)
    // A parser knows which of two objects counts.
    if (slot === undefined) return !this.#hasEntered || depth !== 1 || !this.#isWithin(bytes, keyAt, keyLength)
    const isText = bytes[start] === QUOTE
    if (slot === 'sequence') return (this.sequence = wholeNumber(bytes, start, end)) !== undefined
    if (slot === 'time') {
      // The accounts do not read a time that is text.
      this.happenedAt = isText ? undefined : wholeNumber(bytes, start, end)
      return isText || this.happenedAt !== undefined
    }
    if (!isText) return false
    if (slot === 'key') this.key = this.#lastKey = textOr(this.#lastKey, bytes, start + 1, end - 1)
    else {
      const type = (this.#lastType = textOr(this.#lastType, bytes, start + 1, end - 1))
      if (slot === 'type') this.#type = type
      else this.#op = type
    }
    return true
  }

  protected enter(bytes: Buffer, keyAt: number, keyLength: number, depth: number): Entrance {
    if (this.#slotAt(bytes, keyAt, keyLength, depth) !== undefined) return 'parse'
    if (depth !== 1 || !this.#isWithin(bytes, keyAt, keyLength)) return 'skip'
    if (this.#hasEntered) return 'parse'
    this.#hasEntered = true
    return 'look'
  }

  #isWithin(bytes: Buffer, keyAt: number, keyLength: number): boolean {
    const within = this.#within
    return within !== undefined && keyLength === within.length && isTextAt(bytes, keyAt, within)
  }

  #slotAt(bytes: Buffer, keyAt: number, keyLength: number, depth: number): WantedField['slot'] | undefined {
    const fields = this.#fields
    for (let at = 0; at < fields.length; at += 1) {
      const field = fields[at]!
      if (field.name.length === keyLength && field.depth === depth && isTextAt(bytes, keyAt, field.name))
        return field.slot
    }
    return undefined
  }
}

/** One for all sockets of a protocol, since it keeps nothing between two frames. */
const scanners = new Map<EventFrames, FrameScanner>()

/** Returns what reads the frames of a protocol; undefined if only a parser does. */
export function scannerOf(frames: EventFrames): FrameScanner | undefined {
  const { scanned } = frames
  let scanner = scanners.get(frames)
  if (scanner === undefined && scanned !== undefined)
    scanners.set(frames, (scanner = new FrameScanner(frames, scanned)))
  return scanner
}
