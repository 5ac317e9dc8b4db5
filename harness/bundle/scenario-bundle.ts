import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { packArchive, sha256Of } from './archive.ts'

/** Files that cannot be shipped. The message says which, and what to do. */
export class UnshippableFile extends Error {}

/** A scenario and its files as bytes for other machines. */
export interface ScenarioBundle {
  bytes: Buffer
  sha256: string
  /** Paths relative to their common folder. */
  files: string[]
}

export interface BundleSources {
  /** The scenario's file. */
  entry: string
  /** Modules that it loaded. */
  modules: readonly string[]
  /** Files that it read. */
  data: readonly string[]
  /** More files and folders, from the working directory. */
  more: readonly string[]
  folder: string
  /** Limit of all files together. */
  mostBytes: number
}

const MOST_FILES = 10_000

/**
 * Returns the bundle of a scenario. A symbolic link becomes the file that it leads to. The package.json files above modules are part of
 * it, because Node reads them.
 * @throws UnshippableFile
 */
export function bundleOf({ entry, modules, data, more, folder, mostBytes }: BundleSources): ScenarioBundle {
  const script = realPath(entry)
  const scripts = [script, ...modules.map(path => resolve(path))]
  const named = more.flatMap(path => filesIn(resolve(folder, path)))
  const paths = new Set([...scripts, ...data.map(path => resolve(path)), ...named])
  const root = commonFolder([...paths].map(dirname))
  for (const manifest of scripts.flatMap(path => manifestsAbove(path, root))) paths.add(manifest)
  if (paths.size > MOST_FILES) throw new UnshippableFile(`expected at most ${MOST_FILES} files, got ${paths.size}`)
  let left = mostBytes
  const files = [...paths].map(path => {
    const bytes = bytesWithin(path, left, mostBytes)
    left -= bytes.length
    return { path: partOf(path, root), bytes }
  })
  const bytes = packArchive({ entry: partOf(script, root), root, folder, files })
  return { bytes, sha256: sha256Of(bytes), files: files.map(({ path }) => path).sort() }
}

/** Node knows modules by their real paths. */
function realPath(entry: string): string {
  try {
    return realpathSync(entry)
  } catch (error) {
    throw new UnshippableFile(`${entry} cannot be shipped: ${(error as Error).message}`, { cause: error })
  }
}

function bytesWithin(path: string, left: number, mostBytes: number): Buffer {
  try {
    const found = statSync(path)
    // A device or a pipe may never end.
    if (!found.isFile()) throw new Error('expected a file')
    if (found.size <= left) return readFileSync(path)
  } catch (error) {
    throw new UnshippableFile(`${path} cannot be shipped: ${(error as Error).message}`, { cause: error })
  }
  throw new UnshippableFile(
    `the scenario and its files are larger than ${mostBytes / 2 ** 20} MiB: ${path} goes beyond it; --bundle-limit sets another limit`,
  )
}

/** Returns the file, or all files of a folder. A folder that links lead to twice is visited once. */
function filesIn(path: string, seen = new Set<string>()): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const place = realpathSync(path)
    if (seen.has(place)) return []
    seen.add(place)
    const names = readdirSync(path).filter(name => name !== 'node_modules' && name !== '.git')
    return names.sort().flatMap(name => filesIn(join(path, name), seen))
  } catch (error) {
    throw new UnshippableFile(`${path} cannot be shipped: ${(error as Error).message}`, { cause: error })
  }
}

function manifestsAbove(path: string, root: string): string[] {
  const found: string[] = []
  for (let folder = dirname(path); isIn(folder, root); folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest)) found.push(manifest)
    if (folder === dirname(folder)) break
  }
  return found
}

function isIn(folder: string, root: string): boolean {
  return folder === root || folder.startsWith(root.endsWith(sep) ? root : root + sep)
}

function commonFolder(folders: readonly string[]): string {
  let common = folders[0]!
  while (!folders.every(folder => isIn(folder, common))) common = dirname(common)
  return common
}

function partOf(path: string, root: string): string {
  return relative(root, path).split(sep).join('/')
}
