const MOST = 80

/** Returns the beginning of what somebody sent, in quotes: enough to recognize it, however long it is. */
export function quotedStart(text: string): string {
  return JSON.stringify(text.slice(0, MOST))
}
