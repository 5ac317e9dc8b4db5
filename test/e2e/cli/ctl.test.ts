import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest'
import type { RunLoad } from '../../../harness/load/run-load.ts'
import { askRun, findRuns } from '../../../harness/live-control/control-client.ts'
import { ControlledRun } from '../../../harness/live-control/controlled-run.ts'
import { ControlServer } from '../../../harness/live-control/control-server.ts'
import { ownSocketFolder, socketPath } from '../../../harness/live-control/socket-folder.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { blocksIn } from '../../support/markdown.ts'
import { type Finished, readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

/** The environment of a user of whom nobody else is: other tests run at the same time. */
function alone(finished: TestContext['onTestFinished'] = onTestFinished): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'ctl-'))
  finished(() => rmSync(folder, { recursive: true, force: true }))
  // Compiled modules stay where all tests have them.
  return { XDG_RUNTIME_DIR: folder, TMPDIR: folder, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }
}

const graceful = { gracefulStopMs: 0 }
const browse: RunLoad = {
  name: 'browse',
  startMs: 0,
  load: { executor: 'constant-vus', vus: 20, durationMs: 60_000, ...graceful },
  users: [],
  firstId: 0,
}
const limits = { preAllocatedVUs: 50, maxVUs: 100, arrivals: 'constant', timeUnitMs: 1000, ...graceful } as const
const sale: RunLoad = {
  ...browse,
  name: 'sale',
  load: { executor: 'constant-arrival-rate', ratePerSecond: 50, durationMs: 60_000, ...limits },
}

/** Controls of a run whose time the test decides, on a socket of their own. */
async function listening(
  env: Record<string, string>,
  id: string,
  pid: number,
  finished = onTestFinished,
  folder = '/',
) {
  const clock = new FakeClock()
  const since = Date.parse('2026-11-29T12:00:00Z') + pid
  const controls = new ControlledRun({ id, scenario: 'shop', targetUrl: 'http://127.0.0.1:8080', folder, since })
  const loads = [browse, sale]
  const quiet = { change() {}, mark() {}, isEnding: () => false, isOver: () => false }
  controls.begin({ clock, startedAt: 0, loads, workers: 1, leadMs: 0, ...quiet })
  const server = await ControlServer.open(socketPath(ownSocketFolder(env), pid), controls)
  finished(() => server.close())
  return { clock, controls }
}

describe('loadcell ctl', () => {
  it('answers as docs/live-control.md shows', async ({ onTestFinished }) => {
    const env = alone(onTestFinished)
    const cwd = scratchFolder()
    const { clock, controls } = await listening(env, 'shop-4f1c2a9b', 1, onTestFinished, cwd)
    await clock.advance(15_000)
    const [, block] = blocksIn('text').find(([, { document }]) => document === 'docs/live-control.md')!
    const session = block.text.trim().split(/^\$ /m).slice(1)
    expect(session.length).toBeGreaterThan(5)
    for (const step of session) {
      const [command = '', ...answer] = step.trimEnd().split('\n')
      await clock.advance(5000)
      const { code, output } = await loadcell(command.split(' ').slice(1), { env, cwd })
      expect({ command, code, output: output.trimEnd() }).toEqual({ command, code: 0, output: answer.join('\n') })
    }
    expect(controls.stopped.aborted).toBe(true)
    expect(controls.changes).toHaveLength(4)
  })

  it('says which run or command is wrong, and what to do', async ({ onTestFinished }) => {
    const env = alone(onTestFinished)
    const ctl = (...args: string[]): Promise<Finished> => loadcell(['ctl', ...args], { env })
    const [none, pauseNone] = await Promise.all([ctl(), ctl('pause')])
    expect(none).toEqual({ code: 0, output: 'No run of this user goes on now.\n' })
    expect(pauseNone).toEqual({ code: 97, output: 'loadcell: no run of this user goes on now\n' })
    await listening(env, 'shop-aa', 1, onTestFinished)
    const elsewhere = await ctl('stop')
    expect(elsewhere.code).toBe(104)
    expect(elsewhere.output).toMatch(
      /was started elsewhere: shop-aa \(shop\), in \/\n.*name it: loadcell ctl stop shop-aa/,
    )
    expect(await ctl('status')).toMatchObject({ code: 0 })
    const { controls } = await listening(env, 'shop-bb', 2, onTestFinished)
    const [two, unknown, refused, sizes, json, misspelt] = await Promise.all([
      ctl('pause', 'shop'),
      ctl('pause', 'shopp'),
      ctl('scale', '--users', '5', '--load', 'sale', 'shop-b'),
      ctl('scale', '--users', '5', '--factor', '2', 'shop-b'),
      ctl('status', 'shop-a', '--json'),
      ctl('pauze'),
    ])
    expect(two).toEqual({ code: 104, output: 'loadcell: 2 runs match; name one of them:\n  shop-aa\n  shop-bb\n' })
    expect(unknown.code).toBe(104)
    expect(unknown.output).toContain('no run "shopp" goes on now; did you mean shop?\n  There are:\n  shop-aa (shop)')
    expect(refused.code).toBe(104)
    expect(refused.output).toContain('constant-arrival-rate is driven by arrivals, not by a number of users')
    expect(sizes).toMatchObject({
      code: 104,
      output: expect.stringContaining('expected one of users, rate and factor'),
    })
    expect(JSON.parse(json.output)).toMatchObject({ id: 'shop-aa', state: 'running', loads: [{ name: 'browse' }, {}] })
    expect(misspelt).toMatchObject({ code: 104, output: expect.stringContaining('did you mean pause?') })
    expect(controls.changes).toEqual([])
  })
})

const scenario = `import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-arrival-rate', rate: 40, duration: '60s' },
  warmup: 0,
  users: [user('reader', { iterate: ({ http }) => http.get('/api/v1/products/1') })],
})`

describe('a run of loadcell', () => {
  it('with two workers is paused, resumed, scaled and stopped, and its report agrees with the ledger', async ({
    onTestFinished,
  }) => {
    const env = alone(onTestFinished)
    const cwd = scratchFolder()
    const out = join(cwd, 'out')
    const run = startLoadcell(
      ['run', writeScenario(scenario), '--out', out, '--summary', 'compact', '--workers', '2'],
      {
        env,
        cwd,
      },
    )
    // A run that is paused never ends by itself.
    onTestFinished(() => void run.child.kill('SIGKILL'))
    await run.said(/running \d:\d\d/)
    const [{ path, status }] = (await findRuns(env, () => {})) as [Awaited<ReturnType<typeof findRuns>>[0]]
    const paused = await loadcell(['ctl', 'pause', '--json'], { env, cwd })
    expect(JSON.parse(paused.output)).toMatchObject({ run: status.id, state: 'accepted', atMs: expect.any(Number) })
    await run.said(/paused \d:\d\d/)
    expect((await askRun(path, { kind: 'resume' })).acknowledgement).toMatchObject({ state: 'accepted' })
    expect((await askRun(path, { kind: 'scale', size: { rate: 80 } })).acknowledgement).toMatchObject({
      state: 'accepted',
    })
    await run.said(/running .*scaled to 2.00 × the plan/)
    expect(await loadcell(['ctl', 'stop'], { env, cwd })).toMatchObject({ code: 0 })
    const { code, output } = await run.finished
    expect(code).toBe(105)
    expect(output).toContain('was ended by live control (stop)')
    const result = readResult(out)
    expect(result.run.id).toBe(status.id)
    expect(result.reconciliation.state).toBe('agrees')
    expect(result.marks.map(({ label }) => label)).toEqual(['pause', 'resume', 'scale to a rate of 80', 'stop'])
    expect(result.liveControl!.pausedMs).toBeGreaterThan(0)
    expect(await findRuns(env, () => {})).toEqual([])
  })

  it('goes on without live control where others may enter the folder of its socket', async ({ onTestFinished }) => {
    const env = alone(onTestFinished)
    mkdirSync(join(env['XDG_RUNTIME_DIR']!, 'loadcell'))
    chmodSync(join(env['XDG_RUNTIME_DIR']!, 'loadcell'), 0o755)
    const out = join(scratchFolder(), 'out')
    const args = ['run', writeScenario(scenario), '--duration', '300ms', '--out', out, '--summary', 'json']
    const { output } = await loadcell(args, { env })
    expect(output).toContain('Note: `loadcell ctl` cannot control this run: others may enter the folder')
    expect(readResult(out).outcome.state).toBe('completed')
  })
})
