import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { InputError } from '../process/input-error.ts'
import { absolute } from '../process/working-directory.ts'

/** A file for a page or a certificate, which did not exist before. */
export class PageFile {
  readonly path: string
  #written = false

  private constructor(path: string) {
    this.path = path
  }

  /**
   * Creates the file before anything is measured. If no page is written, it is removed when the process ends.
   * @throws InputError when there is a file, or none can be written.
   */
  static claim(wanted: string, flag = '--html'): PageFile {
    const path = absolute(wanted)
    try {
      closeSync(openSync(path, 'wx'))
      const file = new PageFile(path)
      process.once('exit', () => file.#release())
      return file
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'EEXIST')
        throw new InputError(`${wanted} exists already, and nothing is overwritten`, `Give another file with ${flag}.`)
      throw new InputError(
        `${wanted} cannot be written to: ${message}`,
        `Name another file, in a folder that exists, with ${flag}.`,
      )
    }
  }

  /** @throws InputError when the page could not be written. */
  write(page: string): void {
    try {
      writeFileSync(this.path, page)
      this.#written = true
    } catch (error) {
      throw new InputError(`the page could not be written to ${this.path}: ${(error as Error).message}`)
    }
  }

  #release(): void {
    if (!this.#written) rmSync(this.path, { force: true })
  }
}
