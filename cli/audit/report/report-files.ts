import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ReportSource } from '../../../calibration/audit/tool.ts'
import { InputError } from '../../process/input-error.ts'

/** Largest report that is read: it is held in memory as a whole. */
const MOST_BYTES = 512 * 1024 * 1024
/** Most files of a folder. */
const MOST_FILES = 1000

/** Difference between the time of a file and of a clock that says nothing. */
const SAME_TIME_MS = 1000

/** Returns the files at these paths. A folder stands for all files below it. @throws InputError */
export function filesIn(paths: readonly string[]): string[] {
  return paths.flatMap(path => filesAt(path))
}

/** Tells whether a file was written at this time or later, so that it is not of an earlier run. */
export function isWrittenSince(file: string, at: number): boolean {
  return stat(file).mtimeMs >= at - SAME_TIME_MS
}

/**
 * Reads the files of a report. A folder stands for all files below it.
 * @throws InputError when one cannot be read, or is too large.
 */
export function readReportFiles(paths: readonly string[]): ReportSource[] {
  const files = filesIn(paths)
  if (files.length > MOST_FILES)
    throw new InputError(`the report has more than ${MOST_FILES} files`, `Name its own folder.`)
  let left = MOST_BYTES
  return files.map(path => {
    const { size } = stat(path)
    left -= size
    if (left < 0) {
      const megabytes = MOST_BYTES / 1024 / 1024
      throw new InputError(`the report ${path} is too large`, `At most ${megabytes} MB are read; audit a shorter run.`)
    }
    try {
      return { name: basename(path), bytes: readFileSync(path) }
    } catch (error) {
      throw unreadable(path, error)
    }
  })
}

/** Returns those of the paths that exist. */
export function existing(paths: readonly string[]): string[] {
  return paths.filter(path => existsSync(path))
}

/** Returns the file at a path, or the files below it; beyond the most, not all of them. @throws InputError */
function filesAt(path: string): string[] {
  const stats = stat(path)
  if (stats.isFile()) return [path]
  if (!stats.isDirectory())
    throw new InputError(`the report ${path} is neither a file nor a folder`, 'Save it to a file first.')
  const files: string[] = []
  const folders = [path]
  for (let folder; files.length <= MOST_FILES && (folder = folders.pop()) !== undefined; ) {
    for (const entry of entriesOf(folder)) {
      if (entry.isFile()) files.push(join(folder, entry.name))
      else if (entry.isDirectory()) folders.push(join(folder, entry.name))
    }
  }
  return files.sort()
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    throw unreadable(folder, error)
  }
}

function stat(path: string) {
  try {
    return statSync(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, error: unknown): InputError {
  const { code, message } = error as NodeJS.ErrnoException
  return new InputError(
    code === 'ENOENT' ? `there is no report at ${path}` : `the report ${path} cannot be read: ${message}`,
    'Did the tool write it? Name another file with --report.',
  )
}
