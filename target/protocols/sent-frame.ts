import type { Identifier } from '../../contract/sockets/frames.ts'
import { asWritten, identifierText, type Member, membersOf } from '../json/members.ts'

/** An identifier as text, and as a value that `JSON.stringify` writes as its client did. */
export interface SentIdentifier {
  name: string
  written: Identifier
}

/** The text of a client's frame. Parts of it go out as they were written, because a double cannot hold every number. */
export class SentFrame {
  readonly #text: string
  #members: Member[] | undefined

  /** @param text JSON of an object */
  constructor(text: string) {
    this.#text = text
  }

  /** The whole object as it was written. */
  get text(): string {
    return this.#text
  }

  /** Returns the JSON of a member; undefined if there is none. */
  textOf(name: string): string | undefined {
    this.#members ??= membersOf(this.#text)
    const member = this.#members.findLast(member => member.name === name)
    return member && this.#text.slice(member.valueAt, member.end)
  }

  /** Returns a member that is an object. */
  within(name: string): SentFrame {
    return new SentFrame(this.textOf(name) ?? '{}')
  }

  /** Returns the value of a member, which `JSON.stringify` then writes as its client did. */
  written<T>(name: string, value: T): T {
    return typeof value === 'number' ? asWritten(value, this.textOf(name)) : value
  }

  /** Returns the identifier in a member. */
  identifier(name: string, value: Identifier): SentIdentifier {
    const text = typeof value === 'number' ? this.textOf(name) : undefined
    return { name: identifierText(value, text), written: asWritten(value, text) }
  }
}
