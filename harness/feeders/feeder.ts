import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Random, randomInteger } from '../../core/random.ts'
import { decodeText } from '../../core/text-file.ts'
import { readCsv } from './csv.ts'
import { readJson } from './json.ts'

/** Rows of a file for virtual users: which row comes next follows from the user alone, never from what others do. */
export interface Feeder<Row> {
  readonly rows: readonly Row[]
  /** A row for this user. Takes the context a task is given, or `{ vu, random }` of it. */
  next(context: { vu: { id: number; iteration: number }; random: Random }): Row
}

export interface FeederOptions {
  /**
   * `circular` (default): each user walks through the file, one row an iteration, starting at a row of its own.
   * `random`: a row drawn with the user's `random`.
   * `unique`: one row for each user, the same in all its iterations; more users than rows is an error.
   */
  mode?: 'circular' | 'random' | 'unique'
  /** Encoding of a file that is neither UTF-8 nor UTF-16, such as `windows-1252`, in which Excel writes plain CSV. */
  encoding?: string
}

export interface CsvFeederOptions extends FeederOptions {
  /** Separates the values; by default a comma, semicolon, tab or bar, whichever the first line uses. */
  delimiter?: string
}

/** Place of a file. A relative path starts at the working directory, `new URL('users.csv', import.meta.url)` at the scenario. */
export type FeederPath = string | URL

/**
 * Rows of a CSV file whose first line names the columns. All values are text.
 * @throws Error naming the file, the line, and what to do.
 */
export function csvFeeder<Row extends object = Record<string, string>>(
  path: FeederPath,
  options: CsvFeederOptions = {},
): Feeder<Row> {
  const rows = reading(path, () => readCsv(read(path, options), options.delimiter))
  return feeder(nameOf(path), rows as Row[], options)
}

/**
 * The elements of the array that a JSON file holds, or the values of one with a JSON value a line (NDJSON).
 * @throws Error naming the file, the line, and what to do.
 */
export function jsonFeeder<Row = Record<string, unknown>>(path: FeederPath, options: FeederOptions = {}): Feeder<Row> {
  const rows = reading(path, () =>
    readJson(read(path, options), { valueALine: /\.(?:ndjson|jsonl)$/i.test(nameOf(path)) }),
  )
  return feeder(nameOf(path), rows as Row[], options)
}

function feeder<Row>(file: string, rows: readonly Row[], { mode = 'circular' }: FeederOptions): Feeder<Row> {
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
          throw new Error(`${file}: expected a row for each user, got ${rows.length} rows and a user ${vu.id + 1}`)
        },
      }
    default:
      throw new RangeError(`expected mode circular, random or unique, got ${JSON.stringify(mode satisfies never)}`)
  }
}

function nameOf(path: FeederPath): string {
  return path instanceof URL ? fileURLToPath(path) : path
}

/** Adds the name of the file to errors in its content. */
function reading<T>(path: FeederPath, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new Error(`${nameOf(path)}: ${(error as Error).message}`, { cause: error })
  }
}

function read(path: FeederPath, { encoding }: FeederOptions): string {
  return decodeText(bytesOf(path), encoding)
}

function bytesOf(path: FeederPath): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    const hint =
      path instanceof URL ? '' : ` (looked in ${process.cwd()}; new URL(…, import.meta.url) looks beside the scenario)`
    throw new Error(`cannot be read${hint}: ${(error as Error).message}`, { cause: error })
  }
}
