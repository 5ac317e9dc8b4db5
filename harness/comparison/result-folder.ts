import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { UnusableResult } from './result-file.ts'

/** Results that were found, and folders that could not be searched. */
export interface FoundResults {
  paths: string[]
  unreadable: { path: string; reason: string }[]
}

const RESULT = 'result.json'
const DEEPEST = 8
const MOST_ENTRIES = 200_000

/**
 * Returns every `result.json` in a folder and in the folders within it, in the order of their names. Links are not followed, and hidden
 * folders are not searched.
 * @throws UnusableResult
 */
export function resultsIn(path: string): FoundResults {
  const found: FoundResults = { paths: [], unreadable: [] }
  let entries = 0
  const visit = (folder: string, depth: number) => {
    for (const entry of entriesOf(folder, found)) {
      entries += 1
      if (entries > MOST_ENTRIES)
        throw new UnusableResult(`${path} has more than ${MOST_ENTRIES} files: give the folder that has the results`)
      if (entry.isFile() && entry.name === RESULT) found.paths.push(join(folder, entry.name))
      const isSearched = entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules'
      if (isSearched && depth < DEEPEST) visit(join(folder, entry.name), depth + 1)
    }
  }
  visit(path, 0)
  if (found.paths.length > 0) return found
  const [unreadable] = found.unreadable
  throw new UnusableResult(
    unreadable === undefined ? `there is no ${RESULT} in ${path}: expected the results of runs` : unreadable.reason,
  )
}

function entriesOf(folder: string, { unreadable }: FoundResults): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    unreadable.push({ path: folder, reason: `${folder} cannot be read: ${(error as Error).message}` })
    return []
  }
}
