import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { decodeText, UnreadableText } from './text-file.ts'

/** A file that is not read. The message is that of the system, where it is unreadable. */
export class UnreadFile extends Error {
  readonly why: 'missing' | 'no file' | 'too large' | 'unreadable'
  /** Its size, if it is too large. */
  readonly bytes: number

  constructor(why: UnreadFile['why'], message: string = why, bytes = 0) {
    super(message)
    this.why = why
    this.bytes = bytes
  }
}

/** Reads a whole text file, if it is a regular one of at most `mostBytes`. Never waits for a writer. @throws UnreadFile */
export function readRegularFile(path: string, mostBytes: number): string {
  let handle: number | undefined
  try {
    // Without waiting for a writer if it is a pipe.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = fstatSync(handle)
    if (!stats.isFile()) throw new UnreadFile('no file')
    if (stats.size > mostBytes) throw new UnreadFile('too large', undefined, stats.size)
    return textOf(readFileSync(handle))
  } catch (error) {
    if (error instanceof UnreadFile) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new UnreadFile(code === 'ENOENT' ? 'missing' : 'unreadable', message)
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** Without a byte order mark, which editors and PowerShell write. Comments of certificates are in any encoding. */
function textOf(bytes: Buffer): string {
  try {
    return decodeText(bytes)
  } catch (error) {
    if (error instanceof UnreadableText) return bytes.toString()
    throw error
  }
}
