import { ReportError, type ReportSource } from '../tool.ts'
import type { GatlingRecord } from './gatling-log.ts'

/** Bytes of the longest text; a longer one means that the place of a record was lost. */
const MOST_TEXT_BYTES = 2 ** 20
const MOST_COUNT = 10_000

/** Bytes of the version, which is the first text, and of the least that comes up to it. */
const MOST_VERSION_BYTES = 64
const LEAST_BYTES = 10

const RUN = 0
const REQUEST = 1
const USER = 2
const GROUP = 3
const ERROR = 4
const UTF16 = 1

/** Gatling 3.12 and newer write records of bytes: first the run, with its version. */
export function isBinaryLog({ bytes }: ReportSource): boolean {
  if (bytes.length < LEAST_BYTES || bytes[0] !== RUN) return false
  const length = bytes.readInt32BE(1)
  return length <= MOST_VERSION_BYTES && /^\d+\.\d+/.test(bytes.toString('latin1', 5, 5 + length))
}

/** Returns the records of a binary simulation.log one at a time. Numbers are big-endian, and times are ms since the run's start. */
export function* gatlingRecords(source: ReportSource): Generator<GatlingRecord> {
  const log = new BinaryLog(source)
  const { version, startedAt } = log.run()
  yield { kind: 'run', run: { version, startedAt } }
  while (!log.isAtEnd) {
    const kind = log.byte()
    if (kind === REQUEST) {
      const groups = log.texts()
      const name = log.cachedText()
      const [start, end] = [log.int(), log.int()]
      const isOk = log.byte() === 1
      const message = log.cachedText()
      yield { kind: 'request', groups, name, startedAt: startedAt + start, endedAt: startedAt + end, isOk, message }
    } else if (kind === USER) {
      log.int()
      const isStart = log.byte() === 1
      log.int()
      yield { kind: 'user', isStart }
    } else if (kind === GROUP) {
      log.texts()
      for (let field = 0; field < 3; field++) log.int()
      log.byte()
      yield { kind: 'other' }
    } else if (kind === ERROR) {
      log.cachedText()
      log.int()
      yield { kind: 'other' }
    } else log.fail(`has a record of kind ${kind}`)
  }
}

class BinaryLog {
  readonly #name: string
  readonly #bytes: Buffer
  /** A text is written once, with a number; later that number, negated, stands for it. */
  readonly #texts = new Map<number, string>()
  #at = 0
  #version = ''

  constructor({ name, bytes }: ReportSource) {
    this.#name = name
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  run(): { version: string; startedAt: number } {
    this.byte()
    this.#version = this.#text()
    // The class of the simulation comes before its start, and the description after it.
    this.#text()
    const startedAt = Number(this.#take(8).readBigInt64BE())
    this.#text()
    this.#times(() => this.#text())
    this.#times(() => this.#take(this.#length()))
    return { version: this.#version, startedAt }
  }

  byte(): number {
    return this.#take(1)[0]!
  }

  int(): number {
    return this.#take(4).readInt32BE()
  }

  texts(): string[] {
    return this.#times(() => this.cachedText())
  }

  cachedText(): string {
    const number = this.int()
    if (number > 0) {
      const text = this.#text()
      this.#texts.set(number, text)
      return text
    }
    return this.#texts.get(-number) ?? this.fail(`refers to a text ${-number} that it does not hold`)
  }

  fail(what: string): never {
    const version = this.#version === '' ? '' : ` ${this.#version}`
    throw new ReportError(
      `${this.#name}: expected a simulation.log of Gatling${version}, but it ${what} at byte ${this.#at} of ${this.#bytes.length}. It is cut off, or of a version whose log is not known: Gatling 3.12 to 3.15 are.`,
    )
  }

  /** An empty text has no byte for its encoding. */
  #text(): string {
    const length = this.#length()
    if (length === 0) return ''
    const bytes = this.#take(length)
    return this.byte() === UTF16 ? bytes.toString('utf16le') : bytes.toString('latin1')
  }

  #length(): number {
    const length = this.int()
    return length >= 0 && length <= MOST_TEXT_BYTES ? length : this.fail(`has a text of ${length} bytes`)
  }

  #times<T>(read: () => T): T[] {
    const count = this.int()
    if (count < 0 || count > MOST_COUNT) this.fail(`has a list of ${count}`)
    return Array.from({ length: count }, read)
  }

  #take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) this.fail('ends in the middle of a record')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }
}
