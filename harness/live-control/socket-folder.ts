import { lstatSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Longest path of a socket that all systems accept, in bytes. */
const LONGEST_PATH = 103

/** Why runs of this user cannot be controlled, in a sentence without a full stop. */
export class NoSocketFolder extends Error {}

/**
 * Returns the folders in which the sockets of this user's runs may be, best first. A session has a folder of its own for such files,
 * and a job in the background may have none.
 * @throws NoSocketFolder
 */
function candidates(env: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'win32') throw new NoSocketFolder('live control needs Unix domain sockets')
  const runtime = env['XDG_RUNTIME_DIR'] ?? ''
  const temporary = join(env['TMPDIR'] || tmpdir(), `loadcell-${userInfo().uid}`)
  const isThere = isAbsolute(runtime) && lstatSync(runtime, { throwIfNoEntry: false })?.isDirectory() === true
  return isThere ? [join(runtime, 'loadcell'), temporary] : [temporary]
}

/** Returns the folder for the socket of a run, which it makes if need be. @throws NoSocketFolder */
export function ownSocketFolder(env: NodeJS.ProcessEnv): string {
  const [path] = candidates(env) as [string]
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new NoSocketFolder(`the folder ${path} cannot be made: ${(error as Error).message}`)
  }
  expectPrivate(path)
  return path
}

/** Returns the folders that have sockets of this user's runs. @throws NoSocketFolder */
export function socketFolders(env: NodeJS.ProcessEnv): string[] {
  const paths = candidates(env).filter(path => lstatSync(path, { throwIfNoEntry: false }) !== undefined)
  for (const path of paths) expectPrivate(path)
  return paths
}

/** Checks that nobody else can put sockets into the folder, or send commands to those in it. @throws NoSocketFolder */
function expectPrivate(path: string): void {
  const state = lstatSync(path)
  const { uid, mode } = state
  if (!state.isDirectory()) throw new NoSocketFolder(`${path} is not a folder`)
  if (uid !== userInfo().uid) throw new NoSocketFolder(`the folder ${path} belongs to another user`)
  if ((mode & 0o077) !== 0) {
    const given = (mode & 0o777).toString(8)
    throw new NoSocketFolder(`others may enter the folder ${path}: its mode is ${given}, expected 700`)
  }
}

const SUFFIX = '.sock'

/** Returns the path of the socket of a process. @throws NoSocketFolder if it is too long */
export function socketPath(folder: string, pid: number): string {
  const path = join(folder, `${pid}${SUFFIX}`)
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw new NoSocketFolder(`the path ${path} is longer than ${LONGEST_PATH} bytes, the most that a socket may have`)
  return path
}

/** Returns the sockets in a folder. */
export function socketsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter(name => /^\d+\.sock$/.test(name))
    .map(name => join(folder, name))
    .sort()
}

/** Removes a socket that nothing listens on, unless it is gone already. */
export function removeSocket(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Another process removed it, or it belongs to the next run: either way it is not ours.
  }
}
