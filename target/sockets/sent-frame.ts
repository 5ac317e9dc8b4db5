import { type Member, membersOf } from '../json/members.ts'
import { asWritten } from '../json/numbers.ts'

/** A frame as its client wrote it, for what is told to others or told back: a number may be one that no double holds. */
export class SentFrame {
  readonly #text: string
  #members: Member[] | undefined

  /** @param text the JSON of an object */
  constructor(text: string) {
    this.#text = text
  }

  /** The JSON of a member; undefined where there is none. */
  textOf(name: string): string | undefined {
    this.#members ??= membersOf(this.#text)
    const member = this.#members.findLast(member => member.name === name)
    return member && this.#text.slice(member.valueAt, member.end)
  }

  /** A member that is an object, as it was written. */
  within(name: string): SentFrame {
    return new SentFrame(this.textOf(name) ?? '{}')
  }

  /** The value of a member, to be written as JSON again. */
  written<T>(name: string, value: T): T {
    return typeof value === 'number' ? asWritten(value, this.textOf(name)) : value
  }

  /** Returns the name in this member. A number is equal to its digits, even if no double can hold it. */
  nameOf(name: string, value: string | number): string {
    return typeof value === 'number' && !Number.isSafeInteger(value) ? (this.textOf(name) ?? '') : String(value)
  }
}
