import { execFile, execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

/** The image under test; built from this checkout. */
export const image = 'loadcell:test'

// Ryuk's image comes from a registry; the tests remove what they start themselves.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'

/** Why there is no engine to be had, or undefined where there is one. */
export function engineMissing(): string | undefined {
  try {
    execFileSync('docker', ['info'], { stdio: 'pipe', timeout: 10_000 })
    return undefined
  } catch (error) {
    return (error as Error).message.split('\n')[0]
  }
}

export async function buildImage(): Promise<void> {
  const root = resolve(import.meta.dirname, '../..')
  await promisify(execFile)('docker', ['build', '--network=host', '-t', image, root], { maxBuffer: 64 * 1024 * 1024 })
}
