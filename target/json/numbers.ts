declare global {
  interface JSON {
    /** Returns an object that `JSON.stringify` writes as this text. */
    rawJSON(text: string): object
  }
}

/**
 * Returns a value that `JSON.stringify` writes as its client did: a double cannot hold every number. Other values are returned unchanged.
 * @param text JSON that the value was read from
 */
export function asWritten<T>(value: T, text: string | undefined): T {
  const isKept = typeof value !== 'number' || text === undefined || String(value) === text
  // The object is only ever written again, so it may pose as the value.
  return isKept ? value : (JSON.rawJSON(text) as T)
}

/**
 * Returns an identifier as text. A number is equal to its digits, even if no double can hold it.
 * @param text JSON that the identifier was read from
 */
export function identifierText(value: string | number, text: string | undefined): string {
  return typeof value === 'number' && !Number.isSafeInteger(value) ? (text ?? String(value)) : String(value)
}
