import { resolve } from 'node:path'
import { InputError } from './input-error.ts'

/** @throws InputError when the working directory is gone, and the path starts there. */
export function absolute(path: string): string {
  try {
    return resolve(path)
  } catch {
    throw lostFolder(path)
  }
}

/** Returns the error for a working directory that was removed. @param path what was to be found there */
export function lostFolder(path?: string): InputError {
  return path === undefined
    ? new InputError('the working directory no longer exists', 'Change to another directory.')
    : new InputError(
        `${path} cannot be found, because the working directory no longer exists`,
        'Change to another directory, or give a path that begins with /.',
      )
}

/** Tells whether Node could not say what the working directory is. */
export function isLostFolder(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd'
}
