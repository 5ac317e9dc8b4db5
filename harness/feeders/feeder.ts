import { fileURLToPath } from 'node:url'
import { type Random, randomInteger } from '../../core/random.ts'
import { decodeText } from '../../core/text-file.ts'
import { readCsv } from './csv.ts'
import { bytesOf, type FilePath } from './file-bytes.ts'
import { readJson } from './json.ts'
import { MissingRow } from './missing-row.ts'

/** Rows of a file for virtual users. The next row depends only on the user, never on what others do. */
export interface Feeder<Row> {
  readonly rows: readonly Row[]
  /** Returns a row for this user, given its context or `{ vu, random }` of it. */
  next(context: { vu: { id: number; iteration: number }; random: Random }): Row
}

export interface FeederOptions {
  /**
   * `circular` (default): each user goes through the file, one row per iteration, starting at a row of its own.
   * `random`: a row drawn with the user's `random`.
   * `unique`: one row for each user, the same in all its iterations; more users than rows is an error.
   */
  mode?: 'circular' | 'random' | 'unique'
  /** Encoding of a file that is neither UTF-8 nor UTF-16, such as `windows-1252`, in which Excel writes plain CSV. */
  encoding?: string
}

export interface CsvFeederOptions extends FeederOptions {
  /** Separates the values. Default: the comma, semicolon, tab or bar that the first line uses. */
  delimiter?: string
}

/**
 * Returns the rows of a CSV file whose first line names the columns. All values are text.
 * @throws Error with the file, the line, and what to do.
 */
export function csvFeeder<Row extends object = Record<string, string>>(
  path: FilePath,
  options: CsvFeederOptions = {},
): Feeder<Row> {
  return feeder<Row>(path, options, text => readCsv(text, options.delimiter))
}

/**
 * Returns the elements of the array in a JSON file, or the values of an NDJSON file, which has one on each line.
 * @throws Error with the file, the line, and what to do.
 */
export function jsonFeeder<Row = Record<string, unknown>>(path: FilePath, options: FeederOptions = {}): Feeder<Row> {
  return feeder<Row>(path, options, (text, file) => readJson(text, { isNdjson: /\.(?:ndjson|jsonl)$/i.test(file) }))
}

function feeder<Row>(
  path: FilePath,
  { mode = 'circular', encoding }: FeederOptions,
  parse: (text: string, file: string) => unknown[],
): Feeder<Row> {
  const file = path instanceof URL ? fileURLToPath(path) : path
  let rows: Row[]
  try {
    rows = parse(decodeText(bytesOf(path), encoding), file) as Row[]
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  }
  if (rows.length === 0) throw new Error(`${file}: expected at least one row, got none`)
  const at = (index: number) => rows[index] as Row
  switch (mode) {
    case 'circular':
      return { rows, next: ({ vu }) => at((vu.id + vu.iteration) % rows.length) }
    case 'random':
      return { rows, next: ({ random }) => at(randomInteger(random, rows.length)) }
    case 'unique':
      return {
        rows,
        next({ vu }) {
          if (vu.id < rows.length) return at(vu.id)
          throw new MissingRow(file, { rows: rows.length, user: vu.id + 1 })
        },
      }
    default:
      throw new RangeError(`expected mode circular, random or unique, got ${JSON.stringify(mode satisfies never)}`)
  }
}
