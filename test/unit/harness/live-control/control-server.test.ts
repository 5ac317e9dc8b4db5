import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { askRun, findRuns, Unanswered } from '../../../../harness/live-control/control-client.ts'
import type { ControlCommand } from '../../../../harness/live-control/control-command.ts'
import { ControlServer } from '../../../../harness/live-control/control-server.ts'
import type { RunControls } from '../../../../harness/live-control/run-controls.ts'
import { ownSocketFolder, socketPath } from '../../../../harness/live-control/socket-folder.ts'

function runtime() {
  const path = mkdtempSync(join(tmpdir(), 'loadcell-control-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const env = { XDG_RUNTIME_DIR: path }
  return { env, folder: ownSocketFolder(env) }
}

/** Controls that accept everything and keep it. */
function controlsOf(id: string, since = 0): RunControls & { given: ControlCommand[] } {
  const given: ControlCommand[] = []
  return {
    given,
    status: () => ({
      id,
      scenario: 'shop',
      targetUrl: 'http://127.0.0.1:1',
      folder: '/',
      since,
      state: 'running',
      loads: [],
    }),
    give(command) {
      given.push(command)
      return { state: 'accepted', atMs: 12, detail: 'It is done.' }
    },
  }
}

async function opened(path: string, controls: RunControls): Promise<ControlServer> {
  const server = await ControlServer.open(path, controls)
  onTestFinished(() => server.close())
  return server
}

/** Sends bytes as they are, and returns what comes back. */
function raw(path: string, text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let answer = ''
  const socket = connect(path, () => socket.write(text))
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => (answer += chunk))
  socket.on('error', () => resolve(answer))
  socket.on('close', () => resolve(answer))
  return promise
}

describe('the socket of a run', () => {
  it('tells the state of the run, and passes commands on', async () => {
    const { folder } = runtime()
    const [path, controls] = [socketPath(folder, 1), controlsOf('shop-1')]
    await opened(path, controls)
    expect(await askRun(path)).toEqual({ status: controls.status() })
    const command: ControlCommand = { kind: 'scale', load: 'sale', size: { rate: 3 } }
    expect((await askRun(path, command)).acknowledgement).toEqual({
      state: 'accepted',
      atMs: 12,
      detail: 'It is done.',
    })
    expect(controls.given).toEqual([command])
  })

  it('refuses what is no command, says why, and goes on', async () => {
    const { folder } = runtime()
    const [path, controls] = [socketPath(folder, 1), controlsOf('shop-1')]
    await opened(path, controls)
    for (const [text, reason] of [
      ['{"kind":"pause"', 'expected a line of JSON'],
      ['{"kind":"hold"}', 'kind: expected'],
      ['[]', 'the command: expected'],
      ['x'.repeat(5000), 'expected a command of at most 4096 bytes'],
    ]) {
      const answer = JSON.parse(await raw(path, text!.startsWith('x') ? text! : `${text}\n`)) as never
      expect(answer).toMatchObject({ acknowledgement: { state: 'refused', reason: expect.stringContaining(reason!) } })
    }
    expect(controls.given).toEqual([])
    expect((await askRun(path)).status.id).toBe('shop-1')
  })

  it('takes the place of a socket that a killed process of the same number left behind', async () => {
    const { folder } = runtime()
    const path = socketPath(folder, 1)
    writeFileSync(path, '')
    await opened(path, controlsOf('shop-2'))
    expect((await askRun(path)).status.id).toBe('shop-2')
  })

  it('is gone when it is closed', async () => {
    const { folder } = runtime()
    const path = socketPath(folder, 1)
    const server = await opened(path, controlsOf('shop-1'))
    server.close()
    expect(readdirSync(folder)).toEqual([])
    await expect(askRun(path)).rejects.toMatchObject({ isGone: true })
  })
})

describe('findRuns', () => {
  it('returns the runs of this user, oldest first, and removes the sockets of those that are gone', async () => {
    const { env, folder } = runtime()
    await opened(socketPath(folder, 1), controlsOf('later', 20))
    await opened(socketPath(folder, 2), controlsOf('earlier', 10))
    writeFileSync(socketPath(folder, 3), '')
    const reasons: string[] = []
    const runs = await findRuns(env, reason => reasons.push(reason))
    expect(reasons.filter(reason => reason.startsWith(folder))).toEqual([])
    const own = runs.filter(({ path }) => path.startsWith(folder))
    expect(own.map(({ status }) => status.id)).toEqual(['earlier', 'later'])
    expect(readdirSync(folder).sort()).toEqual(['1.sock', '2.sock'])
  })

  it('names a socket whose answer makes no sense, and keeps it', async () => {
    const { env, folder } = runtime()
    const path = socketPath(folder, 1)
    const other = createServer(socket => socket.end('{}\n')).listen(path)
    onTestFinished(() => void other.close())
    const reasons: string[] = []
    await findRuns(env, reason => reasons.push(reason))
    expect(reasons.filter(reason => reason.startsWith(folder))).toEqual([
      `${path}: what listens there is no run of this version of Loadcell`,
    ])
    await expect(askRun(path)).rejects.toBeInstanceOf(Unanswered)
  })
})
