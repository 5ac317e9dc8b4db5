import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { freePort } from '../support/free-port.ts'

const given = process.env['LOADCELL_TEST_NATS_SERVER']
const candidates = given === undefined ? ['nats-server', '/usr/sbin/nats-server'] : [given]
const program = candidates.find(path => spawnSync(path, ['--version']).error === undefined)

/** Whether there is a NATS server; a loud note says so if there is none. */
export const hasNats = program !== undefined
if (!hasNats) {
  const why = `there is no ${candidates.join(' or ')} (apt install nats-server, or set LOADCELL_TEST_NATS_SERVER)`
  process.stderr.write(`\n!!! SKIPPED: ${why}. Runs on many machines were not tested.\n\n`)
}

export interface NatsServer {
  port: number
  url: string
  /** Ends it as a power failure would. */
  kill(): Promise<void>
  /** Starts it again at its port, with what it has stored. */
  start(): Promise<void>
  /** Ends it, and starts it again after so long. */
  restart(pauseMs: number): Promise<void>
}

/** Starts a NATS server on 127.0.0.1 for one test. @param more lines of its configuration */
export async function natsServer(
  more = 'jetstream {}',
  context: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<NatsServer> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-nats-'))
  const file = join(folder, 'nats.conf')
  const stored = more.replace('jetstream {', `jetstream { store_dir: ${JSON.stringify(join(folder, 'jetstream'))}\n`)
  writeFileSync(file, `listen: "127.0.0.1:${port}"\n${stored}\n`)
  let child: ChildProcess
  const server: NatsServer = {
    port,
    url: `nats://127.0.0.1:${port}`,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
    async start() {
      child = spawn(program!, ['--config', file], { stdio: ['ignore', 'ignore', 'pipe'] })
      let said = ''
      child.stderr!.on('data', data => (said += String(data)))
      for (const until = systemClock.now() + 10_000; !(await accepts(port)); await systemClock.sleep(20)) {
        if (systemClock.now() > until || child.exitCode !== null) throw new Error(`nats-server did not start: ${said}`)
      }
    },
    async restart(pauseMs) {
      await server.kill()
      await systemClock.sleep(pauseMs)
      await server.start()
    },
  }
  context.onTestFinished(async () => {
    await server.kill()
    rmSync(folder, { recursive: true, force: true })
  })
  await server.start()
  return server
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
