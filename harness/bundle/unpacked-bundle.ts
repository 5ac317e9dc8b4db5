import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { MovedFiles } from '../feeders/data-files.ts'
import { readArchive, sha256Of, UnusableArchive } from './archive.ts'
import { makeBundleFolder } from './bundle-folder.ts'

/** A bundle in a private folder for temporary files. */
export class UnpackedBundle {
  readonly moved: MovedFiles
  /** Path of the scenario. */
  readonly entry: string

  /**
   * @param packages folder whose packages the scenario may import
   * @throws UnusableArchive when it is not what its hash says, or cannot be unpacked
   */
  constructor(packed: Uint8Array, sha256: string, { packages, mostBytes }: { packages: string; mostBytes: number }) {
    const got = sha256Of(packed)
    if (got !== sha256) throw new UnusableArchive(`expected the SHA-256 ${sha256}, got ${got}`)
    const { entry, root, folder, files } = readArchive(packed, mostBytes)
    const place = makeBundleFolder()
    this.moved = { root, folder, place }
    this.entry = join(place, entry)
    try {
      for (const { path, bytes } of files) {
        const file = join(place, path)
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
        writeFileSync(file, bytes, { flag: 'wx', mode: 0o600 })
      }
      linkPackages(place, packages)
    } catch (error) {
      this.remove()
      throw new UnusableArchive(`it cannot be unpacked: ${(error as Error).message}`, { cause: error })
    }
  }

  remove(): void {
    rmSync(this.moved.place, { recursive: true, force: true })
  }
}

/** Lets the scenario import what is installed where the worker was started. */
function linkPackages(place: string, folder: string): void {
  const candidates = createRequire(join(folder, 'package.json')).resolve.paths('package') ?? []
  const found = candidates.find(path => existsSync(path))
  const link = join(place, 'node_modules')
  if (found !== undefined && !existsSync(link)) symlinkSync(found, link, 'junction')
}
