import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Worksheet } from '../../labs/worksheet.ts'
import { InputError } from '../input-error.ts'

const FOLDER = 'loadcell-labs'
const MOST_NUMBERED = 1000

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
export function writeWorksheet(worksheet: Worksheet, file?: string): string {
  const text = `${JSON.stringify(worksheet, undefined, 2)}\n`
  const paths = file === undefined ? namesOf(worksheet.lab) : [file]
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

function namesOf(lab: string): string[] {
  return Array.from({ length: MOST_NUMBERED }, (_, index) =>
    join(FOLDER, index === 0 ? `${lab}.json` : `${lab}-${index + 1}.json`),
  )
}

/** @throws InputError when the file is not a worksheet */
export function readWorksheet(path: string): Worksheet {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${(error as Error).message}`)
  }
  const worksheet = value as Partial<Worksheet> | null
  const isWorksheet =
    worksheet?.format === 'loadcell.lab/1' &&
    typeof worksheet.lab === 'string' &&
    typeof worksheet.learner === 'string' &&
    Array.isArray(worksheet.attempts) &&
    worksheet.attempts.every(attempt => Array.isArray(attempt?.measures))
  if (!isWorksheet) throw new InputError(`${path} is not a worksheet: expected a file that \`loadcell lab\` wrote`)
  return worksheet as Worksheet
}
