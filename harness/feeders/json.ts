const LINE_END = /\r\n|\r|\n/

/**
 * Returns the elements of a JSON array or the values of NDJSON. If the whole text is not JSON but its first line is, it is read
 * as NDJSON. @throws Error with the line number
 */
export function readJson(text: string, { isNdjson }: { isNdjson: boolean }): unknown[] {
  if (text.trim() === '') return []
  if (isNdjson) return readLines(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (beginsWithAValue(text)) return readLines(text)
    throw new SyntaxError(`line ${lineAt(text, endOfValue(text))}: ${(error as Error).message}`, { cause: error })
  }
  if (Array.isArray(value)) return value
  throw new RangeError(`expected a JSON array of rows, got ${value === null ? 'null' : typeof value}`)
}

function readLines(text: string): unknown[] {
  return text.split(LINE_END).flatMap((line, index) => {
    if (line.trim() === '') return []
    try {
      return [JSON.parse(line) as unknown]
    } catch (error) {
      throw new SyntaxError(`line ${index + 1}: expected one JSON value on each line: ${(error as Error).message}`, {
        cause: error,
      })
    }
  })
}

function beginsWithAValue(text: string): boolean {
  const [first = '', second] = text.split(LINE_END).filter(line => line.trim() !== '')
  if (second === undefined) return false
  try {
    return typeof JSON.parse(first) === 'object'
  } catch {
    return false
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(LINE_END).length
}

const TOKEN =
  /[ \t\r\n]*(?:([[\]{},:])|"(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true|false|null)/y

/** Returns the offset of the first error in invalid JSON. The engine reports the position of some errors only. */
function endOfValue(text: string): number {
  const open: string[] = []
  // The tokens that may come next. `first` and `first key` also allow an end, as does a comma.
  let next: 'first' | 'value' | 'first key' | 'key' | ':' | ',' = 'value'
  TOKEN.lastIndex = 0
  for (let at = 0; ; at = TOKEN.lastIndex) {
    const [token, mark] = TOKEN.exec(text) ?? []
    const start = at + (/^[ \t\r\n]*/.exec(text.slice(at, at + 1000))?.[0].length ?? 0)
    if (token === undefined) return start
    const isString = token.trimStart().startsWith('"')
    const ends = mark === ']' || mark === '}'
    if (ends && open.at(-1) === mark && (next === ',' || next.startsWith('first'))) {
      open.pop()
      next = ','
    } else if (mark === ',' && next === ',' && open.length > 0) next = open.at(-1) === '}' ? 'key' : 'value'
    else if (mark === ':' && next === ':') next = 'value'
    else if ((next === 'key' || next === 'first key') && isString) next = ':'
    else if ((next === 'value' || next === 'first') && (mark === undefined || mark === '[' || mark === '{')) {
      if (mark !== undefined) open.push(mark === '[' ? ']' : '}')
      next = mark === undefined ? ',' : mark === '[' ? 'first' : 'first key'
    } else return start
  }
}
