import { isTextAt } from '../../core/text-at.ts'
import { type Entrance, ObjectScanner, QUOTE, textOr, wholeNumber } from './object-scanner.ts'

/** The fields of an event that the accounts of a stream read. A field is undefined where the event has none. */
export interface AccountedFields {
  readonly stream?: unknown
  readonly source?: unknown
  readonly partition?: unknown
  readonly offset?: unknown
  readonly timestamp?: unknown
}

const STREAM = Buffer.from('stream')
const SOURCE = Buffer.from('source')
const OFFSET = Buffer.from('offset')
const PARTITION = Buffer.from('partition')
const TIMESTAMP = Buffer.from('timestamp')

/** Reads the fields that accounts need from the bytes of an event, whose accounted fields have their usual types. */
export class EventScanner extends ObjectScanner implements AccountedFields {
  stream: string | undefined
  source: string | undefined
  partition: number | undefined
  offset: number | undefined
  timestamp: number | string | undefined
  /** Texts of the last event. Most events have the same, so no new string is made. */
  #lastStream = ''
  #lastSource = ''

  constructor() {
    super([STREAM, SOURCE, OFFSET, PARTITION, TIMESTAMP])
  }

  /** Reads the fields. Returns false for an event that needs a parser: then they mean nothing. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    this.stream = undefined
    this.source = undefined
    this.partition = undefined
    this.offset = undefined
    this.timestamp = undefined
    return this.scanObject(bytes, start, end)
  }

  /** Takes the value of a field. Returns false for an accounted one of an unusual type. */
  protected take(bytes: Buffer, keyAt: number, keyLength: number, start: number, end: number): boolean {
    const isText = bytes[start] === QUOTE
    const name = accountedAt(bytes, keyAt, keyLength)
    if (name === STREAM) {
      if (isText) this.stream = this.#lastStream = textOr(this.#lastStream, bytes, start + 1, end - 1)
      return isText
    }
    if (name === SOURCE) {
      if (isText) this.source = this.#lastSource = textOr(this.#lastSource, bytes, start + 1, end - 1)
      return isText
    }
    if (name === OFFSET) return (this.offset = wholeNumber(bytes, start, end)) !== undefined
    if (name === PARTITION) return (this.partition = wholeNumber(bytes, start, end)) !== undefined
    if (name === undefined) return true
    this.timestamp = isText ? bytes.toString('latin1', start + 1, end - 1) : wholeNumber(bytes, start, end)
    return this.timestamp !== undefined
  }

  protected enter(bytes: Buffer, keyAt: number, keyLength: number): Entrance {
    return accountedAt(bytes, keyAt, keyLength) === undefined ? 'skip' : 'parse'
  }
}

/** Returns the accounted name that is here; undefined for any other. */
function accountedAt(bytes: Buffer, start: number, length: number): Buffer | undefined {
  const name = nameWith(bytes[start + 1]!)
  return length === name.length && isTextAt(bytes, start, name) ? name : undefined
}

/** Returns the only accounted name that may have this second letter, so that one comparison is enough. */
function nameWith(second: number): Buffer {
  switch (second) {
    case STREAM[1]:
      return STREAM
    case SOURCE[1]:
      return SOURCE
    case OFFSET[1]:
      return OFFSET
    case PARTITION[1]:
      return PARTITION
    default:
      return TIMESTAMP
  }
}
