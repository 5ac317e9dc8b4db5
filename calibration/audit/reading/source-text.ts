import { decodeText } from '../../../core/text-file.ts'
import { ReportError, type ReportSource, type Tool } from '../tool.ts'

/** Bytes of a source that is read as one text. Larger ones are logs, which are read line by line. */
const MOST_TEXT_BYTES = 64 * 2 ** 20
/** Bytes at the beginning of a source that tell its format. */
const BEGINNING_BYTES = 4096
/** As it looks when UTF-8 or UTF-16 is read as UTF-8. */
const BYTE_ORDER_MARK = /^(?:\ufeff|\ufffd\ufffd)/
/** Bytes of one line of a log. */
const MOST_LINE_BYTES = 2 ** 20

/** @throws ReportError when the source is larger than a summary can be, or is no text. */
export function textOf({ name, bytes }: ReportSource): string {
  if (bytes.length > MOST_TEXT_BYTES) {
    throw new ReportError(
      `${name}: expected a summary of at most ${MOST_TEXT_BYTES / 2 ** 20} MiB, got ${Math.round(bytes.length / 2 ** 20)} MiB. Pass the tool's summary instead.`,
    )
  }
  try {
    return decodeText(bytes)
  } catch (error) {
    throw new ReportError(`${name}: ${(error as Error).message}`, { cause: error })
  }
}

/** Returns the beginning of a source as text, which may end within a character. */
export function beginningOf({ bytes }: ReportSource): string {
  // Shells of Windows redirect to UTF-16, whose other bytes are zero in the words that formats are told by.
  return bytes.subarray(0, BEGINNING_BYTES).toString('utf8').replaceAll('\0', '').replace(BYTE_ORDER_MARK, '')
}

/** Returns the end of a source as text, which may begin within a character. */
export function endOf({ bytes }: ReportSource): string {
  return bytes
    .subarray(Math.max(0, bytes.length - BEGINNING_BYTES))
    .toString('utf8')
    .replaceAll('\0', '')
}

export interface NumberedLine {
  /** From 1. */
  number: number
  text: string
  /** False for a last line without a line end, which may have been cut off. */
  isWhole: boolean
}

/** Returns the lines of a log that are not empty, one at a time. @throws ReportError for a line that is too long */
export function* linesOf({ name, bytes }: ReportSource): Generator<NumberedLine> {
  for (let start = 0, number = 1; start < bytes.length; number++) {
    const found = bytes.indexOf(10, start)
    const end = found === -1 ? bytes.length : found
    if (end - start > MOST_LINE_BYTES) {
      throw new ReportError(
        `${name}: line ${number} is longer than ${MOST_LINE_BYTES} bytes. This is no log with one line a request.`,
      )
    }
    const text = bytes.toString('utf8', start, end).trim()
    if (text !== '') yield { number, text, isWhole: found !== -1 }
    start = end + 1
  }
}

/**
 * Returns the first source of a format.
 *
 * @param format in words, e.g. `the output of wrk`
 * @throws ReportError when none is
 */
export function sourceOf(
  sources: readonly ReportSource[],
  format: string,
  tool: Pick<Tool, 'recognizes'>,
): ReportSource {
  const source = sources.find(source => tool.recognizes(source))
  if (source !== undefined) return source
  const names = sources.map(({ name, bytes }) => (bytes.length === 0 ? `${name} (empty)` : name)).join(', ')
  throw new ReportError(
    `${names || 'The report'}: expected ${format}, but ${names === '' ? 'there is none' : 'nothing in it looks like that'}. It may be of another tool or version, or the tool did not run to its end.`,
  )
}
