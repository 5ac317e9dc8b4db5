import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** A slow registry is given this long. */
const INSTALLS_WITHIN_MS = 300_000

/** Runs the client of a registry. @throws Error with the last thing that it said */
export async function runClient(
  [executable, ...args]: readonly [string, ...string[]],
  options: { cwd: string; env?: Record<string, string> },
): Promise<void> {
  try {
    await promisify(execFile)(executable, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      timeout: INSTALLS_WITHIN_MS,
      maxBuffer: 2 ** 26,
    })
  } catch (error) {
    const { code, stderr = '', stdout = '', message } = error as ClientFailure
    if (code === 'ENOENT') throw new Error(`${executable} is not installed`, { cause: error })
    const said = `${stdout}\n${stderr}`.trim().split('\n').at(-1) || message
    throw new Error(`${executable} failed: ${said.slice(0, 200)}`, { cause: error })
  }
}

interface ClientFailure extends Error {
  code?: string | number
  stdout?: string
  stderr?: string
}
