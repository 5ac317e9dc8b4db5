import { execFile, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { testTarget } from '../e2e/target/support.ts'

/** Debian's packages are seen by its own Python only, which need not be the first one on the path. */
const candidates = [process.env['LOADCELL_TEST_PYTHON'] ?? 'python3', '/usr/bin/python3']
const python = candidates.find(path => spawnSync(path, ['-c', 'import websocket']).status === 0)
const script = resolve(import.meta.dirname, 'naive_sockets.py')
const USERS = 40
/** Twice as long as a client waits for a frame, so that each of them meets the silence of its endpoint. */
const SECONDS = 21

/** @throws Error in CI, where nothing may be skipped. */
function hasPythonWithSockets(): boolean {
  if (python !== undefined) return true
  const why = `no ${candidates.join(' or ')} has the package websocket-client (apt install python3-websocket, or set LOADCELL_TEST_PYTHON)`
  if (process.env['CI'] === 'true') throw new Error(why)
  process.stderr.write(`\n!!! SKIPPED: ${why}. No naive client was run.\n\n`)
  return false
}

describe.skipIf(!hasPythonWithSockets())('a client that sends one frame or none, and reads one within 10 s', () => {
  it.concurrent.each(['chat', 'notifications', 'silent-notifications', 'quotes', 'collaboration'])(
    'never waits in vain on %s',
    async endpoint => {
      const target = await testTarget()
      const url = target.url.replace('http', 'ws')
      const args = [script, url, endpoint, await target.token('consumer'), String(USERS), String(SECONDS)]
      const { stdout } = await promisify(execFile)(python!, args, {
        env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
      })
      const { frames, failures } = JSON.parse(stdout) as { frames: number; failures: string[] }
      expect(failures).toEqual([])
      expect(frames).toBeGreaterThan(USERS)
    },
  )
})
