/** Whether a text fits a pattern in which `*` stands for any text, none included. */
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

/** Between the first and the last piece each is taken where it first comes: no text makes this slow, as it could a regular expression. */
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
