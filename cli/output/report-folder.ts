import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { systemClock } from '../../core/clock.ts'
import { InputError } from '../process/input-error.ts'
import { absolute } from '../process/working-directory.ts'

/** Suffix of a file that is being written. */
const PART = '.part'
/** How many numbers are tried for runs with the same folder. */
const MOST_NUMBERED = 10_000

/**
 * The files of a report by name, and what writes each. The first is the page for people. The last is the result, which marks the
 * folder as finished.
 */
export type FolderFiles<Result> = ReadonlyMap<string, (result: Result) => string>

/** A folder that belongs to one run only. */
export class ReportFolder<Result> {
  readonly path: string
  /** Outermost folder created for this run. */
  readonly #made: string | undefined
  readonly #files: FolderFiles<Result>

  private constructor(path: string, made: string | undefined, files: FolderFiles<Result>) {
    this.path = path
    this.#made = made
    this.#files = files
  }

  /** Names of the files besides the page and the result. */
  get others(): string[] {
    return [...this.#files.keys()].slice(1, -1)
  }

  /**
   * Claims the folder for these files, or, if it holds any of them already, one with a number after its name.
   * @throws InputError when it cannot be written to.
   */
  static claim<Result>(wanted: string, files: FolderFiles<Result>): ReportFolder<Result> {
    // Otherwise a variable that is not set would fill the working directory.
    if (wanted.trim() === '')
      throw new InputError('expected the name of a folder for the report, got ""', 'Give one with --out.')
    const first = absolute(wanted)
    try {
      for (let number = 1; number <= MOST_NUMBERED; number++) {
        const path = number === 1 ? first : `${first}-${number}`
        const made = makeFolder(path)
        if (take(path, files)) return new ReportFolder(path, made, files)
      }
    } catch (error) {
      throw new InputError(
        `the folder ${first} cannot be written to: ${(error as Error).message}`,
        'Give another with --out.',
      )
    }
    throw new InputError(`there are ${MOST_NUMBERED} runs in ${first} already`, 'Give another folder with --out.')
  }

  /** Removes the folder again when there is nothing to report. */
  release(): void {
    try {
      rmSync(markIn(this.path, this.#files), { force: true })
      if (this.#made === undefined) return
      // Removes only empty folders.
      for (let path = this.path; path.length >= this.#made.length; path = dirname(path)) rmdirSync(path)
    } catch {
      // The folder contains something else by now.
    }
  }

  /**
   * Writes the files, each whole or not at all. A folder that was removed meanwhile is created again. If it cannot be
   * written to, the files go to a temporary folder.
   * @returns the path of the report, and a sentence on what failed
   */
  write(result: Result): { reportPath?: string; problem?: string } {
    try {
      return { reportPath: writeInto(this.path, this.#files, result) }
    } catch (error) {
      const problem = `the report could not be written to ${this.path}: ${(error as Error).message}`
      try {
        return { reportPath: writeInto(mkdtempSync(join(tmpdir(), 'loadcell-')), this.#files, result), problem }
      } catch {
        return { problem }
      }
    }
  }
}

/** Returns the path that marks the folder as taken: the result while it is being written. */
function markIn(folder: string, files: FolderFiles<never>): string {
  return join(folder, [...files.keys()].at(-1)! + PART)
}

/**
 * Creates the folder and its parents. Node's own recursive `mkdir` never returns under /proc, which reports a missing folder
 * when none can be created.
 * @returns the outermost created folder; undefined when all existed.
 */
export function makeFolder(path: string): string | undefined {
  try {
    mkdirSync(path)
    return path
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && statSync(path).isDirectory()) return undefined
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error
    const made = makeFolder(dirname(path))
    mkdirSync(path)
    return made ?? path
  }
}

/** Takes the folder if it is free. It is marked as taken by the file that later becomes the result. */
function take(folder: string, files: FolderFiles<never>): boolean {
  const mark = markIn(folder, files)
  try {
    closeSync(openSync(mark, 'wx'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
  // Checked only after marking, because another run may have ended in between.
  if (![...files.keys()].some(name => isThere(join(folder, name)))) return true
  rmSync(mark)
  return false
}

/** Tells whether the path exists, also as a dangling link. What cannot be looked at is left for the writing to report. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

/** @returns the path of the page. */
function writeInto<Result>(folder: string, files: FolderFiles<Result>, result: Result): string {
  makeFolder(folder)
  try {
    for (const [name, render] of files) writeWhole(join(folder, name), render(result))
  } catch (error) {
    for (const name of files.keys()) rmSync(join(folder, name + PART), { force: true })
    throw error
  }
  return join(folder, [...files.keys()][0]!)
}

function writeWhole(path: string, text: string): void {
  const part = path + PART
  const file = openSync(part, 'w')
  try {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    // Some file systems report only here that they are full.
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(part, path)
}

/** Returns the path relative to the working directory when it lies below it, else the absolute path. */
export function shortest(path: string): string {
  try {
    const fromHere = relative('', path)
    return fromHere.startsWith('..') ? path : fromHere
  } catch {
    // The working directory is gone.
    return path
  }
}

/** Returns the time as a part of a folder's name: `2026-11-29-121530`. */
export function timestamp(): string {
  return new Date(systemClock.wallTime()).toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-')
}
