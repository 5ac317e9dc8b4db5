import { rmSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folders of a scenario that was moved to another machine: where it was written, and where its files are now. */
export interface MovedFiles {
  /** Folder that held all files. */
  root: string
  /** Working directory, which relative paths start from. */
  folder: string
  /** Folder that holds them now. */
  place: string
}

/** Files that the scenario and its plan read. A cluster ships them to its workers, where they lie elsewhere. */
export class DataFiles {
  readonly #read = new Set<string>()
  #moved: MovedFiles | undefined

  /** Absolute paths of the files that were read, in order. */
  get paths(): string[] {
    return [...this.#read].sort()
  }

  /** From now on, returns the places of files that were moved. */
  move(files: MovedFiles): void {
    this.#moved = files
  }

  /** Removes the files that were moved, also those that another process has moved and cannot remove any more. */
  discard(): void {
    if (this.#moved !== undefined) rmSync(this.#moved.place, { recursive: true, force: true })
  }

  /** Returns the place of a file that is about to be read. */
  placeOf(path: string | URL): string {
    const place = this.#placeOf(path)
    this.#read.add(place)
    return place
  }

  #placeOf(path: string | URL): string {
    const text = path instanceof URL ? fileURLToPath(path) : path
    if (this.#moved === undefined) return resolve(text)
    const { root, folder, place } = this.#moved
    const written = resolve(folder, text)
    const within = relative(root, written)
    // Beside the unpacked scenario, or a file of the worker itself.
    return isAbsolute(within) || within.startsWith('..') || isInside(place, written) ? written : join(place, within)
  }
}

function isInside(folder: string, path: string): boolean {
  const within = relative(folder, path)
  return !within.startsWith('..') && !isAbsolute(within)
}

/** The files of this process. */
export const dataFiles = new DataFiles()
