/** Secrets shorter than this are recognised only if they are the whole value. */
const SHORTEST_PART = 6
const SHORTEST = 3
/** Shorter names of users, such as `admin`, are words of paths and roles as well. */
const SHORTEST_LOGIN = 6

/** Values that a document or recording shows to be secret, wherever else they stand. */
export class KnownSecrets {
  readonly #values = new Set<string>()
  readonly #logins = new Set<string>()

  add(value: unknown): void {
    if (typeof value === 'number') this.add(String(value))
    if (typeof value !== 'string') return
    const text = value.trim()
    if (text.length < SHORTEST || /^(true|false|null|none|undefined)$/i.test(text)) return
    this.#values.add(text)
    const decoded = percentDecoded(text)
    if (decoded !== text && decoded.length >= SHORTEST) this.#values.add(decoded)
  }

  /** Adds the name of a user. As a part of a text, it may be a word like any other. */
  addLogin(value: unknown): void {
    if (typeof value !== 'string' || value.trim().length < SHORTEST_LOGIN) return
    this.#logins.add(value.trim())
  }

  /** Tells whether a text is or contains one of the secrets, in any of the usual encodings. */
  isIn(text: string): boolean {
    const decoded = percentDecoded(text)
    if (this.#values.has(text) || this.#values.has(decoded) || this.#logins.has(decoded)) return true
    for (const secret of this.#values) {
      if (secret.length >= SHORTEST_PART && (text.includes(secret) || decoded.includes(secret))) return true
    }
    return false
  }
}

/** Returns the text with its percent-encoding and plus signs decoded, or as it is. */
export function percentDecoded(text: string): string {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
