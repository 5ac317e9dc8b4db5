import { readFileSync, statSync } from 'node:fs'
import { dataFiles } from './data-files.ts'

/** Path of a file, relative to the working directory, or relative to the scenario as `new URL('users.csv', import.meta.url)`. */
export type FilePath = string | URL

/** Reads a file that a scenario names. @throws Error with what to do; it does not name the file */
export function bytesOf(path: FilePath, mostBytes = Number.POSITIVE_INFINITY): Buffer<ArrayBuffer> {
  let bytes: number
  try {
    const place = dataFiles.placeOf(path)
    ;({ size: bytes } = statSync(place))
    if (bytes <= mostBytes) return readFileSync(place)
  } catch (error) {
    const hint =
      path instanceof URL ? '' : ` (looked in ${process.cwd()}; new URL(…, import.meta.url) looks beside the scenario)`
    throw new Error(`cannot be read${hint}: ${(error as Error).message}`, { cause: error })
  }
  throw new RangeError(`expected a file of at most ${mostBytes} bytes, got ${bytes}`)
}
