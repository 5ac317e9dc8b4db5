declare global {
  interface JSON {
    /** Makes what `JSON.stringify` writes as this text. */
    rawJSON(text: string): object
  }
}

/**
 * A value to be written as JSON again: a number as it was written, which a double cannot always hold; anything else as it is.
 * @param text the JSON that the value was read from
 */
export function asWritten<T>(value: T, text: string | undefined): T {
  const isKept = typeof value !== 'number' || text === undefined || String(value) === text
  // What is made has no use but to be written again, so that it can pass for the value.
  return isKept ? value : (JSON.rawJSON(text) as T)
}
