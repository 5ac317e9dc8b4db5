import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'

/** Reading the ledger, loading what writes the report, and writing it take a few at a time. */
const SPARE_FILES = 16

/** Open files that nothing uses. A run whose connections or scenario took all others closes them at its end, and can still write its report. */
export class SpareFiles {
  #descriptors: number[] = []

  constructor() {
    try {
      while (this.#descriptors.length < SPARE_FILES) this.#descriptors.push(openSync(devNull, 'r'))
    } catch {
      // The limit is that low. What is open already helps.
    }
  }

  release(): void {
    for (const descriptor of this.#descriptors) closeSync(descriptor)
    this.#descriptors = []
  }
}
