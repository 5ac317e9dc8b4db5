import { isTextAt } from '../../core/text-at.ts'
import type { EventFrames } from './event-frames.ts'
import type { ParsedFrame } from './graphql-payload.ts'
import { ObjectScanner, QUOTE, textOr, wholeNumber } from './object-scanner.ts'

interface WantedField {
  name: string
  bytes: Buffer
  depth: 1 | 2
  kind: 'text' | 'number' | 'time'
}

/** Reads the fields that accounts need from the bytes of a frame whose fields have their usual types. */
export class FrameScanner extends ObjectScanner {
  /** What the last frame had of them. The next frame overwrites it. */
  readonly frame: ParsedFrame
  readonly #frames: EventFrames
  readonly #fields: readonly WantedField[]
  readonly #found: Record<string, unknown>
  /** Name of the object that has the time, that object, and whether it has come. */
  readonly #within: Buffer | undefined
  readonly #inner: Record<string, unknown>
  #hasEntered = false
  /** Texts of earlier frames, by field: most frames have the same. */
  readonly #known: string[]

  constructor(frames: EventFrames, { timestamp, within }: NonNullable<EventFrames['scanned']>) {
    const fields: WantedField[] = [
      wanted('type', 'text'),
      wanted('op', 'text'),
      wanted(frames.key, 'text'),
      wanted('sequence', 'number'),
    ]
    if (timestamp !== undefined) fields.push(wanted(timestamp, 'time', within === undefined ? 1 : 2))
    const inner = within === undefined ? undefined : Buffer.from(within)
    super([...fields.map(({ bytes }) => bytes), ...(inner === undefined ? [] : [inner])])
    this.#frames = frames
    this.#fields = fields
    this.#known = fields.map(() => '')
    this.#found = Object.fromEntries(fields.filter(({ depth }) => depth === 1).map(({ name }) => [name, undefined]))
    this.#inner = {}
    if (within !== undefined) this.#found[within] = this.#inner
    this.#within = inner
    this.frame = this.#found
  }

  /** Its type, or its `op`. */
  get type(): string {
    return String(this.frame['type'] ?? this.frame['op'])
  }

  /** Reads the fields. Returns false for a frame that needs a parser: then they mean nothing. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    this.#hasEntered = false
    for (const { name, depth } of this.#fields) (depth === 1 ? this.#found : this.#inner)[name] = undefined
    // What starts or ends sequences says so in fields of its own.
    return this.scanObject(bytes, start, end) && !Object.hasOwn(this.#frames.turns, this.type)
  }

  protected take(bytes: Buffer, keyAt: number, keyLength: number, start: number, end: number, depth: number): boolean {
    const at = this.#fieldAt(bytes, keyAt, keyLength, depth)
    // A parser knows which of two counts.
    if (at === -1) return !this.#hasEntered || depth !== 1 || !this.#isWithin(bytes, keyAt, keyLength)
    const { name, kind } = this.#fields[at]!
    const isText = bytes[start] === QUOTE
    if (kind === 'text') {
      if (isText) this.#found[name] = this.#known[at] = textOr(this.#known[at]!, bytes, start + 1, end - 1)
      return isText
    }
    // A time that is text is none to the accounts.
    const value = kind === 'time' && isText ? undefined : wholeNumber(bytes, start, end)
    ;(depth === 1 ? this.#found : this.#inner)[name] = value
    return value !== undefined || (kind === 'time' && isText)
  }

  protected enter(bytes: Buffer, keyAt: number, keyLength: number, depth: number): boolean {
    if (this.#fieldAt(bytes, keyAt, keyLength, depth) !== -1) return false
    if (depth !== 1 || !this.#isWithin(bytes, keyAt, keyLength)) return true
    if (this.#hasEntered) return false
    this.#hasEntered = true
    this.namedDepth = 2
    return true
  }

  #isWithin(bytes: Buffer, keyAt: number, keyLength: number): boolean {
    const within = this.#within
    return within !== undefined && keyLength === within.length && isTextAt(bytes, keyAt, within)
  }

  #fieldAt(bytes: Buffer, keyAt: number, keyLength: number, depth: number): number {
    const fields = this.#fields
    for (let at = 0; at < fields.length; at += 1) {
      const field = fields[at]!
      if (field.depth === depth && field.bytes.length === keyLength && isTextAt(bytes, keyAt, field.bytes)) return at
    }
    return -1
  }
}

function wanted(name: string, kind: WantedField['kind'], depth: WantedField['depth'] = 1): WantedField {
  return { name, bytes: Buffer.from(name), depth, kind }
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
