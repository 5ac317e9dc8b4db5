/** Returns the cookies of a header `Cookie` as they stand there. */
export function pairsOf(header: string): string[] {
  return header
    .split(';')
    .map(pair => pair.trim())
    .filter(pair => pair !== '')
}

/** Returns the name and value of each cookie of a header that has a name. */
export function cookiesIn(header: string): [name: string, value: string][] {
  return pairsOf(header).flatMap(pair => {
    const name = nameOf(pair)
    return name === '' ? [] : [[name, pair.slice(pair.indexOf('=') + 1).trim()] as [string, string]]
  })
}

/** Returns the name of such a cookie; nothing if it has none. */
export function nameOf(pair: string): string {
  const at = pair.indexOf('=')
  return at === -1 ? '' : pair.slice(0, at).trim()
}
