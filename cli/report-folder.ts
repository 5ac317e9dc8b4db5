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
import { systemClock } from '../core/clock.ts'
import type { RunResult } from '../harness/results/run-result.ts'
import type { ResultFormat } from '../harness/report/format-names.ts'
import { type FormattedFile, reportFiles } from '../harness/report/formats.ts'
import { InputError } from './input-error.ts'
import { absolute } from './scenario-file.ts'

const RESULT = 'result.json'
const REPORT = 'report.html'
/** Formats of every run. */
const ALWAYS: readonly ResultFormat[] = ['html', 'json']
/** Suffix of a file that is being written. */
const PART = '.part'
/** How many numbers are tried for runs with the same folder. */
const MOST_NUMBERED = 10_000

/** A folder that belongs to one run only. */
export class ReportFolder {
  readonly path: string
  /** Outermost folder created for this run. */
  readonly #made: string | undefined
  readonly #files: FormattedFiles

  private constructor(path: string, made: string | undefined, files: FormattedFiles) {
    this.path = path
    this.#made = made
    this.#files = files
  }

  /** Names of the files besides the page and the result. */
  get others(): string[] {
    return [...this.#files.keys()].filter(name => name !== RESULT && name !== REPORT)
  }

  /**
   * Claims the folder for reports of these formats, or, if it holds any of their files or another run, one with a number after
   * its name.
   * @throws InputError when it cannot be written to.
   */
  static claim(wanted: string, formats: readonly ResultFormat[] = []): ReportFolder {
    const first = absolute(wanted)
    const files = filesOf(formats)
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
      rmSync(join(this.path, RESULT + PART), { force: true })
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
  write(result: RunResult): { reportPath?: string; problem?: string } {
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

/** The files of a report by name, the result last. */
type FormattedFiles = ReadonlyMap<string, FormattedFile>

/** Returns the files of the formats and of every run. The result is the last, because it marks the run as finished. */
function filesOf(formats: readonly ResultFormat[]): FormattedFiles {
  const files = new Map([...ALWAYS, ...formats].flatMap(format => Object.entries(reportFiles[format])))
  return new Map([...files].sort(([a], [b]) => Number(a === RESULT) - Number(b === RESULT)))
}

/**
 * Creates the folder and its parents. Node's own recursive `mkdir` never returns under /proc, which reports a missing folder
 * when none can be created.
 * @returns the outermost created folder; undefined when all existed.
 */
function makeFolder(path: string): string | undefined {
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
function take(folder: string, files: FormattedFiles): boolean {
  const mark = join(folder, RESULT + PART)
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

/** Tells whether the path exists, also as a dangling link. */
function isThere(path: string): boolean {
  return existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

/** @returns the path of the page. */
function writeInto(folder: string, files: FormattedFiles, result: RunResult): string {
  makeFolder(folder)
  try {
    for (const [name, render] of files) writeWhole(join(folder, name), render(result))
  } catch (error) {
    for (const name of files.keys()) rmSync(join(folder, name + PART), { force: true })
    throw error
  }
  return join(folder, REPORT)
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
