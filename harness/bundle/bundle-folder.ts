import { createHash } from 'node:crypto'
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { hostname, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

/** Containers may share a folder for temporary files, and then have the same process ids. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const NAME = new RegExp(`^loadcell-bundle-${HOST}-(\\d+)-`)

/** Makes a folder for a bundle of this process. Only its user can enter it. */
export function makeBundleFolder(): string {
  return mkdtempSync(join(tmpdir(), `loadcell-bundle-${HOST}-${process.pid}-`))
}

/** Removes the folders of bundles whose processes were killed. It is called before this process makes one of its own. */
export function removeStaleBundles(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(NAME.exec(name)?.[1])
    const path = join(tmpdir(), name)
    if (!Number.isNaN(pid) && isOurs(path) && (pid === process.pid || !isAlive(pid)))
      rmSync(path, { recursive: true, force: true })
  }
}

function isOurs(path: string): boolean {
  const state = lstatSync(path, { throwIfNoEntry: false })
  return state?.isDirectory() === true && (process.platform === 'win32' || state.uid === userInfo().uid)
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // A process of another user cannot be asked.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
