import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ReportSource } from '../../calibration/audit/tool.ts'
import { InputError } from '../input-error.ts'

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
    throw new InputError(`the report has ${files.length} files`, `Name at most ${MOST_FILES} with --report.`)
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

function filesAt(path: string): string[] {
  if (!stat(path).isDirectory()) return [path]
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name))
      .sort()
  } catch (error) {
    throw unreadable(path, error)
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
