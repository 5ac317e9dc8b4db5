import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { OpenFilesWatch } from '../../../../cli/target/open-files.ts'

/** A process that may open 40 files, and has this many open before it says so. */
async function started(files: string) {
  const script = `const open = []; try { while (${files}) open.push(require('fs').openSync('/dev/null')) } catch {} console.log('ready'); setInterval(() => {}, 1000)`
  const child = spawn('bash', ['-c', 'ulimit -n 40; exec "$@"', '--', process.execPath, '-e', script])
  await new Promise(done => child.stdout.once('data', done))
  const watch = new OpenFilesWatch(child.pid!)
  return { child, watch }
}

describe.skipIf(process.platform !== 'linux')('OpenFilesWatch', () => {
  it('detects that a process has run out of files, and reports nothing before', async () => {
    const [full, calm] = await Promise.all([started('true'), started('open.length < 2')])
    await expect.poll(() => full.watch.exhausted, { timeout: 10_000 }).toMatchObject({ limit: 40 })
    expect(full.watch.exhausted!.open).toBeGreaterThanOrEqual(38)
    expect(calm.watch.exhausted).toBeUndefined()
    for (const { child, watch } of [full, calm]) {
      watch.stop()
      child.kill('SIGKILL')
    }
  })
})
