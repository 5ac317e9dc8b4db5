import { execFile, execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

/** The image under test; built from this checkout. */
export const image = 'loadcell:test'

// Ryuk's image comes from a registry; the tests remove what they start themselves.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'

/** Whether there is a Docker engine; if not, that is said aloud. @throws Error in CI, where nothing may be skipped. */
export function hasEngine(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'pipe', timeout: 10_000 })
    return true
  } catch (error) {
    const why = `the container suite needs a Docker engine, and there is none (${(error as Error).message.split('\n')[0]})`
    if (process.env['CI'] === 'true') throw new Error(why, { cause: error })
    process.stderr.write(`\n*** SKIPPED: ${why} ***\n\n`)
    return false
  }
}

export async function buildImage(): Promise<void> {
  const root = resolve(import.meta.dirname, '../..')
  await promisify(execFile)('docker', ['build', '--network=host', '-t', image, root], { maxBuffer: 64 * 1024 * 1024 })
}
