/** Secrets shorter than this are recognised only if they are the whole value. */
const SHORTEST_PART = 6
const SHORTEST = 3

/** Values that a document or recording shows to be secret, wherever else they stand. */
export class KnownSecrets {
  readonly #values = new Set<string>()

  add(value: unknown): void {
    if (typeof value === 'number') this.add(String(value))
    if (typeof value !== 'string') return
    const text = value.trim()
    if (text.length < SHORTEST || /^(true|false|null|none|undefined)$/i.test(text)) return
    this.#values.add(text)
    const decoded = percentDecoded(text)
    if (decoded !== text && decoded.length >= SHORTEST) this.#values.add(decoded)
  }

  /** Tells whether a text is or contains one of the secrets, in any of the usual encodings. */
  isIn(text: string): boolean {
    const decoded = percentDecoded(text)
    if (this.#values.has(text) || this.#values.has(decoded)) return true
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
