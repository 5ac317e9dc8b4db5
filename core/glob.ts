/** Returns a test for a pattern in which `*` matches any text, including none. */
export function globTest(pattern: string): (text: string) => boolean {
  const starAt = pattern.indexOf('*')
  if (starAt === -1) return text => text === pattern
  if (starAt === pattern.length - 1) {
    const prefix = pattern.slice(0, -1)
    return text => text.startsWith(prefix)
  }
  const pieces = pattern.split('*')
  return text => fitsPieces(text, pieces)
}

/** Matches each inner piece at its first occurrence. Unlike a regular expression, no text makes this slow. */
function fitsPieces(text: string, pieces: readonly string[]): boolean {
  const first = pieces[0]!
  const last = pieces.at(-1)!
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return at <= text.length - last.length
}
