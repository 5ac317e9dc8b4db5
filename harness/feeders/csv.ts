/** An error in a CSV file. The message gives the line and what to do, but not the file. */
export class CsvProblem extends Error {}

const DELIMITERS = [',', ';', '\t', '|'] as const
/** Number of lines that determine the delimiter. */
const LINES_LOOKED_AT = 20

interface CsvLine {
  /** Line number where it begins, from 1. */
  number: number
  values: string[]
}

/**
 * Reads CSV as spreadsheets write it. The separator is `delimiter`, that of a first line such as `sep=;`, or else the comma,
 * semicolon, tab or bar that the first line uses. Empty lines and columns without a name or value are left out.
 * @throws CsvProblem for ambiguous input.
 */
export function readCsv(text: string, delimiter?: string): Record<string, string>[] {
  const { separator, body, firstLine } = withoutPreamble(text)
  const [header, ...lines] = linesOf(body, delimiter ?? separator ?? delimiterOf(body, firstLine), firstLine)
  if (header === undefined) return []
  const widest = lines.reduce((most, { values }) => Math.max(most, values.length), 0)
  const names = namesOf(header, widest)
  return lines.map(line => rowOf(line, names))
}

/** Returns the text without a first line such as `sep=;`, which Excel understands and writes in some countries. */
function withoutPreamble(text: string): { separator: string | undefined; body: string; firstLine: number } {
  const [line, separator] = /^\s*"?sep=([^\r\n])"?[;,\t ]*(?:\r\n|\r|\n|$)/i.exec(text) ?? []
  return { separator, body: text.slice(line?.length ?? 0), firstLine: line === undefined ? 1 : 2 }
}

function linesOf(text: string, delimiter: string, firstLine: number, most = Number.POSITIVE_INFINITY): CsvLine[] {
  const scanner = new Scanner(text, delimiter, firstLine)
  const lines: CsvLine[] = []
  while (!scanner.done && lines.length < most) {
    const line = scanner.next()
    if (line.values.some(value => value !== '')) lines.push(line)
  }
  return lines
}

/** Reads line by line. A line end within quotes does not end a line. */
class Scanner {
  readonly #text: string
  readonly #delimiter: string
  /** Matches a value, with or without quotes, up to its delimiter or line end. */
  readonly #value: RegExp
  #at = 0
  #line: number

  constructor(text: string, delimiter: string, firstLine: number) {
    this.#text = text
    this.#delimiter = delimiter
    this.#line = firstLine
    const escaped = delimiter.replaceAll(/[^]/gu, each => `\\u{${each.codePointAt(0)!.toString(16)}}`)
    const ends = `(?=${escaped}|[\\r\\n]|$)`
    const space = `(?:(?!${escaped})[^\\S\\r\\n])*`
    this.#value = new RegExp(`${space}(?:"((?:[^"]|"")*)"${space}${ends}|([^"]*?)${space}${ends})`, 'uy')
  }

  get done(): boolean {
    return this.#at >= this.#text.length
  }

  next(): CsvLine {
    const number = this.#line
    const values: string[] = []
    for (;;) {
      values.push(this.#take())
      if (this.#text.startsWith(this.#delimiter, this.#at)) this.#at += this.#delimiter.length
      else break
    }
    this.#at += this.#text.startsWith('\r\n', this.#at) ? 2 : 1
    this.#line += 1
    return { number, values }
  }

  #take(): string {
    this.#value.lastIndex = this.#at
    const [all, quoted, plain = ''] = this.#value.exec(this.#text) ?? []
    if (all === undefined) {
      throw new CsvProblem(
        `line ${this.#line}: expected quotes around a whole value; write a value that contains a quote in quotes, and double the quote ("5"" nails")`,
      )
    }
    this.#at += all.length
    if (quoted === undefined) return plain
    this.#line += quoted.match(/\r\n|\r|\n/g)?.length ?? 0
    return quoted.replaceAll('""', '"')
  }
}

/** Returns the delimiter of the first line. @throws CsvProblem when it is ambiguous */
function delimiterOf(text: string, firstLine: number): string {
  const [header = ''] = text.trimStart().split(/[\r\n]/, 1)
  const bare = header.replaceAll(/"(?:[^"]|"")*"/g, '')
  const used = DELIMITERS.filter(delimiter => bare.includes(delimiter))
  if (used.length <= 1) return used[0] ?? ','
  const fitting = used.filter(delimiter => {
    const counts = countsOf(text, delimiter)
    return counts.length > 0 && counts.every(count => count === counts[0])
  })
  if (fitting.length === 1 && fitting[0] !== undefined) return fitting[0]
  throw new CsvProblem(
    `line ${firstLine}: ${used.map(each => JSON.stringify(each)).join(' or ')} may separate the columns of ${JSON.stringify(header)}; say which, such as { delimiter: ${JSON.stringify(used[0])} }`,
  )
}

/** Returns the number of values in each of the first lines with this delimiter; nothing if they cannot be read with it. */
function countsOf(text: string, delimiter: string): number[] {
  try {
    return linesOf(text, delimiter, 1, LINES_LOOKED_AT).map(({ values }) => values.length)
  } catch {
    return []
  }
}

/** Returns the names of the columns; undefined for a column without content. */
function namesOf({ values: names, number }: CsvLine, widest: number): (string | undefined)[] {
  const places = new Map<string, number>()
  for (const [index, name] of names.entries()) {
    const other = places.get(name)
    if (name !== '' && other !== undefined) {
      throw new CsvProblem(
        `line ${number}: columns ${other + 1} and ${index + 1} are both named ${JSON.stringify(name)}; give each a name of its own, or delete one`,
      )
    }
    places.set(name, index)
  }
  return Array.from({ length: Math.max(names.length, widest) }, (_, index) => names[index] || undefined)
}

function rowOf({ values, number }: CsvLine, names: readonly (string | undefined)[]): Record<string, string> {
  const expected = names.findLastIndex(name => name !== undefined) + 1
  if (values.length < expected) {
    throw new CsvProblem(
      `line ${number}: expected ${expected} values, one for each column, got ${values.length}; an empty value is written as nothing between two separators`,
    )
  }
  const unnamed = values.findIndex((value, index) => value !== '' && names[index] === undefined)
  if (unnamed !== -1) {
    throw new CsvProblem(
      `line ${number}: value ${unnamed + 1}, ${JSON.stringify(values[unnamed])}, has no column with a name; name the column, or put a value with a separator in it (1,5) in quotes ("1,5")`,
    )
  }
  return Object.fromEntries(names.flatMap((name, index) => (name === undefined ? [] : [[name, values[index] ?? '']])))
}
