import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { withCalibration } from '../../calibration/marked-document.ts'
import { InputError } from '../process/input-error.ts'

/** A Markdown file with markers, between which a calibration is written. It is read before the calibration, which takes minutes. */
export class MarkedDocument {
  readonly #file: string
  readonly #text: string

  /** @throws InputError when a calibration could not be written to the file. */
  constructor(file: string) {
    if (!existsSync(file)) throw new InputError(`there is no file ${file}`)
    this.#file = file
    this.#text = readFileSync(file, 'utf8')
    try {
      withCalibration(this.#text, '')
    } catch (error) {
      throw new InputError(`${file} cannot be written to: ${(error as Error).message}`)
    }
  }

  write(markdown: string): void {
    writeFileSync(this.#file, withCalibration(this.#text, markdown))
  }
}
