import { ReportError, type ReportSource } from '../tool.ts'

/** Bytes of one row, beyond which a quote was surely never closed. */
const MOST_ROW_BYTES = 2 ** 20

const QUOTE = 0x22
const NEWLINE = 0x0a

export interface CsvRow {
  /** Number of its first line, from 1. */
  line: number
  values: string[]
}

/**
 * Returns the rows of a CSV file one at a time, so that a log of any length takes little memory. A value in quotes may hold separators
 * and line ends. Empty lines are left out.
 *
 * @throws ReportError for a quote that is never closed
 */
export function* csvRows({ name, bytes }: ReportSource, separator = ','): Generator<CsvRow> {
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  let line = 1
  while (start < bytes.length) {
    const { end, lines, isOpen } = rowEnd(bytes, start)
    if (isOpen) {
      throw new ReportError(
        `${name}: line ${line}: a quote is never closed. The file is cut off or damaged: pass it as the tool wrote it.`,
      )
    }
    const text = bytes.toString('utf8', start, end).replace(/\r$/, '')
    if (text !== '') yield { line, values: valuesOf(text, separator) }
    line += lines
    start = end + 1
  }
}

/** Finds the line end that is not within quotes: the first with an even number of quotes before it. */
function rowEnd(bytes: Buffer, start: number): { end: number; lines: number; isOpen: boolean } {
  let lines = 1
  let quotes = 0
  for (let from = start; ; lines++) {
    const found = bytes.indexOf(NEWLINE, from)
    const end = found === -1 ? bytes.length : found
    if (end - start > MOST_ROW_BYTES) return { end, lines, isOpen: true }
    quotes += quotesIn(bytes.subarray(from, end))
    if (quotes % 2 === 0) return { end, lines, isOpen: false }
    if (found === -1) return { end, lines, isOpen: true }
    from = end + 1
  }
}

function quotesIn(line: Buffer): number {
  let count = 0
  for (let at = line.indexOf(QUOTE); at !== -1; at = line.indexOf(QUOTE, at + 1)) count += 1
  return count
}

function valuesOf(text: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator)
  const values: string[] = []
  let value = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const each = text[at]!
    if (each === '"') {
      if (isQuoted && text[at + 1] === '"') {
        value += '"'
        at += 1
      } else isQuoted = !isQuoted
    } else if (each === separator && !isQuoted) {
      values.push(value)
      value = ''
    } else value += each
  }
  return [...values, value]
}
