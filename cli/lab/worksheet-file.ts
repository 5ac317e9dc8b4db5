import { userInfo } from 'node:os'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isObject } from '../../core/check.ts'
import type { Worksheet } from '../../labs/worksheet.ts'
import { InputError } from '../process/input-error.ts'

const FOLDER = 'loadcell-labs'
const MOST_NUMBERED = 1000
/** Files that are read to show the progress of a learner. */
const MOST_FOUND = 500
const MOST_BYTES = 1_000_000

/**
 * Checks that a worksheet may be written, before a learner works for it.
 * @param file path; by default, one in the folder for worksheets.
 * @throws InputError when it could not be written
 */
export function expectPlace(file = join(FOLDER, 'lab.json')): void {
  let folder = resolve(dirname(file))
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  try {
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is a file`)
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new InputError(`the worksheet cannot be written: ${(error as Error).message}`, 'Give another --file.')
  }
}

/**
 * Writes a worksheet, and never over another.
 * @param file path; by default, one in the folder for worksheets that is free.
 * @returns the path
 * @throws InputError when it cannot be written
 */
export function writeWorksheet(worksheet: Worksheet, file?: string, folder = FOLDER): string {
  const text = textOf(worksheet)
  const paths = file === undefined ? namesOf(folder, worksheet.lab) : [file]
  for (const path of paths) {
    try {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text, { flag: 'wx' })
      return path
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'EEXIST') throw new InputError(`the worksheet cannot be written: ${message}`, 'Give another --file.')
    }
  }
  throw new InputError(`the worksheet cannot be written: ${paths.at(-1)} exists already`, 'Give another --file.')
}

/** Writes a worksheet again that this process has written. It is whole at every moment. @throws InputError when it cannot be written */
export function rewriteWorksheet(worksheet: Worksheet, path: string): void {
  const next = `${path}.next`
  try {
    writeFileSync(next, textOf(worksheet))
    renameSync(next, path)
  } catch (error) {
    throw new InputError(`the worksheet cannot be written: ${(error as Error).message}`)
  }
}

/** The worksheets in a folder, and how many files could not be used. */
export interface FoundWorksheets {
  worksheets: Worksheet[]
  unreadable: number
}

/** Returns the worksheets that labs wrote into a folder. Anything else in their folder is only counted. */
export function findWorksheets(folder = FOLDER): FoundWorksheets {
  const names = namesIn(folder).filter(name => name.endsWith('.json'))
  const worksheets: Worksheet[] = []
  for (const name of names.sort().slice(0, MOST_FOUND)) {
    const path = join(folder, name)
    try {
      if (statSync(path).size <= MOST_BYTES) worksheets.push(readWorksheet(path))
    } catch {
      // Counted below.
    }
  }
  return { worksheets, unreadable: names.length - worksheets.length }
}

/** Returns nothing for a folder that is not there, or that cannot be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function textOf(worksheet: Worksheet): string {
  return `${JSON.stringify(worksheet, undefined, 2)}\n`
}

function namesOf(folder: string, lab: string): string[] {
  return Array.from({ length: MOST_NUMBERED }, (_, index) =>
    join(folder, index === 0 ? `${lab}.json` : `${lab}-${index + 1}.json`),
  )
}

const NEXT_STEP = 'Give files that `loadcell lab` wrote, such as loadcell-labs/*.json.'

/** @throws InputError when the file is not a worksheet */
export function readWorksheet(path: string): Worksheet {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new InputError(`there is no file ${path}`, NEXT_STEP)
    const why = error instanceof SyntaxError ? 'is not a worksheet: it is not JSON' : `cannot be read: ${message}`
    throw new InputError(`${path} ${why}`, NEXT_STEP)
  }
  const worksheet = value as Partial<Worksheet> | null
  const isWorksheet =
    worksheet?.format === 'loadcell.lab/1' &&
    typeof worksheet.lab === 'string' &&
    typeof worksheet.learner === 'string' &&
    Array.isArray(worksheet.attempts) &&
    worksheet.attempts.every(attempt => Array.isArray(attempt?.measures) && attempt.measures.every(isObject)) &&
    (worksheet.question === undefined || isObject(worksheet.question))
  if (!isWorksheet) throw new InputError(`${path} is not a worksheet`, NEXT_STEP)
  return worksheet as Worksheet
}

/** Returns the user of this machine. In a container, it may have no name. */
export function learnerName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
