/** Whether `bytes` have this text from `start` on. Both are compared byte by byte. */
export function isTextAt(bytes: Uint8Array, start: number, text: Uint8Array): boolean {
  for (let at = 0; at < text.length; at += 1) if (bytes[start + at] !== text[at]) return false
  return true
}
