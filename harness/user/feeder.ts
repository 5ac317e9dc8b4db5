import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CsvError, parse } from 'csv-parse/sync'
import { type Random, randomInteger } from '../../core/random.ts'

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
}

/** Where a file is. A relative path starts at the working directory; `new URL('users.csv', import.meta.url)` at the scenario. */
export type FeederPath = string | URL

/**
 * Rows of a CSV file whose first line names the columns. All values are text.
 * @throws Error naming the file and, where it can, the line.
 */
export function csvFeeder<Row extends object = Record<string, string>>(
  path: FeederPath,
  options?: FeederOptions,
): Feeder<Row> {
  const file = nameOf(path)
  try {
    const rows = parse<Row>(read(path), { columns: true, skip_empty_lines: true, trim: true, bom: true })
    return feeder(file, rows, options)
  } catch (error) {
    if (error instanceof CsvError) throw new Error(`${file}: ${error.message}`, { cause: error })
    throw error
  }
}

/** The elements of the array that a JSON file holds. @throws Error naming the file. */
export function jsonFeeder<Row = Record<string, unknown>>(path: FeederPath, options?: FeederOptions): Feeder<Row> {
  const file = nameOf(path)
  const rows = parseJson(file, read(path))
  if (!Array.isArray(rows)) throw new Error(`${file}: expected a JSON array of rows, got ${typeof rows}`)
  return feeder(file, rows as Row[], options)
}

function feeder<Row>(file: string, rows: readonly Row[], { mode = 'circular' }: FeederOptions = {}): Feeder<Row> {
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

function read(path: FeederPath): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const hint =
      path instanceof URL ? '' : ` (looked in ${process.cwd()}; new URL(…, import.meta.url) looks beside the scenario)`
    throw new Error(`${nameOf(path)}: cannot be read${hint}: ${(error as Error).message}`, { cause: error })
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error })
  }
}
