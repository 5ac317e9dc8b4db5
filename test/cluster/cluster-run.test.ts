import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { loadcell, readResult, scratchFolder, type Started, startLoadcell, writeScenario } from '../e2e/cli/loadcell.ts'
import { FeedReader } from '../support/run-feed.ts'
import { cuttableNetwork } from './cuttable-network.ts'
import { hasNats, natsServer } from './nats-server.ts'

const quick = ['--warmup', '0', '--quiet', '--seed', '3']
const READY = /waits for a run at/

/** Starts a worker, and waits until it can be found. */
async function worker(url: string, name: string, options: { args?: string[]; env?: Record<string, string> } = {}) {
  const started = startLoadcell(['worker', '--cluster', url, '--name', name, ...(options.args ?? [])], {
    env: options.env ?? {},
  })
  onTestFinished(() => void started.child.kill('SIGKILL'))
  await started.said(READY)
  return started
}

/** Lets a worker and its processes run this code first. */
const preloaded = (code: string) => ({
  env: { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(code)}"` },
})

/** Code that keeps a process from connecting to a port. */
const behindFirewall = (port: string) => `import net from 'node:net'
const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args) {
  const options = args.flat(2).find(each => typeof each === 'object' && each?.port !== undefined)
  if (String(options?.port) === '${port}') options.port = 1
  return connect.apply(this, args)
}`

/** A steady load of arrivals, whose number is known. */
const steady = (seconds: number) =>
  writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-arrival-rate', rate: 60, duration: '${seconds}s' },
  users: [user('visitor', { iterate: ({ http }) => http.get('/api/v1/products/7') })],
  thresholds: { http_reqs: ['count==${seconds * 60}'] },
})
`)

function run(scenario: string, url: string, workers: number, more: string[] = []): Started & { out: string } {
  const out = scratchFolder()
  const args = ['run', scenario, '--cluster', url, '--workers', String(workers), ...quick, ...more, '--out', out]
  const started = startLoadcell(args)
  onTestFinished(() => void started.child.kill('SIGKILL'))
  return { ...started, out }
}

/** Lines of a summary end where the terminal does. */
const unwrapped = (text: string) => text.replaceAll(/\s+/g, ' ')

/** A busy machine may be late, which makes a run invalid. What it counts must be right all the same. */
async function expectAgreement({ finished, out }: ReturnType<typeof run>): Promise<void> {
  const { output } = await finished
  expect(output).toMatch(/harness and ledger agree/)
  const { outcome, thresholds, workers, reconciliation } = readResult(out)
  expect([outcome.state, reconciliation.state]).toEqual(['completed', 'agrees'])
  expect(thresholds.filter(({ state }) => state !== 'passed')).toEqual([])
  expect(workers!.filter(row => row.lost !== undefined || row.missingIntervals !== undefined)).toEqual([])
}

/** Bundles that workers keep in their folder for temporary files. */
const bundles = (folder: string) => readdirSync(folder).filter(name => name.startsWith('loadcell-bundle-'))

describe.runIf(hasNats)('a run on the workers of a cluster', () => {
  test('ships the scenario with its modules, files and variables, and counts exactly', async () => {
    const TMPDIR = scratchFolder()
    const server = await natsServer()
    const workers = await Promise.all(
      ['a', 'b', 'c'].map(name => worker(server.url, name, { args: ['--place', `at-${name}`], env: { TMPDIR } })),
    )
    const folder = scratchFolder()
    for (const each of ['load', 'lib', 'data']) mkdirSync(join(folder, each))
    writeFileSync(join(folder, 'data/ids.csv'), 'id\n7\n8\n9\n')
    writeFileSync(join(folder, 'late.txt'), 'read later')
    writeFileSync(
      join(folder, 'lib/paths.ts'),
      'export const product = (id: string): string => `/api/v1/products/${id}`',
    )
    const path = join(folder, 'load/shop.ts')
    writeFileSync(
      path,
      `import { readFileSync } from 'node:fs'
import { csvFeeder, environment, scenario, user, variables } from 'loadcell'
import { product } from '../lib/paths.ts'
const ids = csvFeeder(new URL('../data/ids.csv', import.meta.url))
const { region } = variables({ region: 'eu' })
const secret = environment('SHOP_SECRET')
const prepare = async ({ http }) => (await http.get('/api/v1/products/1')).status
export default scenario({
  setup: prepare,
  load: { executor: 'constant-arrival-rate', rate: 60, duration: '2s' },
  users: [user('visitor', {
    async iterate(context) {
      const { http, shared, check } = context
      await http.get(product(ids.next(context).id))
      check(0, { shipped: () => shared(prepare) === 200 && region === 'us' && secret === 'xyz' && readFileSync('late.txt', 'utf8') === 'read later' })
    },
  })],
  thresholds: { http_reqs: ['count==120'], checks: ['rate==1', 'count==120'], 'http_reqs{place:at-b}': ['count==40'] },
})
`,
    )
    const out = scratchFolder()
    const args = ['run', path, '--cluster', server.url, '--workers', '3', ...quick, '--ship', 'late.txt', '--out', out]
    const started = startLoadcell(args, { cwd: folder, env: { SHOP_SECRET: 'xyz', LOADCELL_VAR_region: 'us' } })
    await expectAgreement({ ...started, out })
    const rows = readResult(out).workers!
    expect(new Set(rows.map(({ name, place, requests }) => `${name} ${place} ${requests}`))).toEqual(
      new Set(['a at-a 40', 'b at-b 40', 'c at-c 40']),
    )
    for (const { clock } of rows) expect(Math.abs(clock!.offsetMs)).toBeLessThan(100 + clock!.uncertaintyMs)
    // They wait for the next run, and keep nothing.
    await Promise.all(workers.map(each => each.said(/ended after[^]*waits for a run at/)))
    expect(bundles(TMPDIR)).toEqual([])
    const again = run(steady(1), server.url, 2)
    await expectAgreement(again)
  })

  test('counts exactly when NATS is killed and started again in the middle', async () => {
    const server = await natsServer()
    await Promise.all(['a', 'b', 'c'].map(name => worker(server.url, name)))
    const started = run(steady(8), server.url, 3)
    await started.said(/3 of 3 workers/)
    await systemClock.sleep(6000)
    await server.restart(1500)
    await expectAgreement(started)
    expect((await started.finished).output).toMatch(/connection to NATS .* is cut[^]*is open again/)
  })

  test('counts exactly when the network of a worker is cut and healed, and when a worker is slow', async () => {
    const server = await natsServer()
    const network = await cuttableNetwork(server.port)
    const slow = await worker(server.url, 'slow')
    await worker(`nats://127.0.0.1:${network.port}`, 'far')
    await worker(server.url, 'near')
    const started = run(steady(10), server.url, 3)
    await started.said(/3 of 3 workers/)
    await systemClock.sleep(6000)
    network.cut()
    slow.child.kill('SIGSTOP')
    await systemClock.sleep(3000)
    network.heal()
    slow.child.kill('SIGCONT')
    await expectAgreement(started)
  })

  test('has a page that waits for the workers, and names the one that is silent and then lost', async () => {
    const server = await natsServer()
    const more = ['--cluster-lost-after', '4s', '--on-worker-loss', 'continue', '--ui']
    const started = run(steady(15), server.url, 2, more)
    await started.said(/live page of this run is \S+#\S+\n/)
    const reader = new FeedReader(/live page of this run is (\S+)\n/.exec(started.output())![1]!)
    const { promise: underWay, resolve } = Promise.withResolvers<void>()
    const silent = new Set<string>()
    let notedAt: number | undefined
    const lost = reader.until(({ state, seconds }) => {
      if (seconds.size > 6) resolve()
      for (const words of state.silent) silent.add(words.replace(/\d+s$/, ''))
      if (state.notes.length > 0) notedAt ??= seconds.size
      // The page does not contradict its note for more than a second.
      return notedAt !== undefined && seconds.size > notedAt + 1
    })
    const ended = reader.until(({ state }) => state.phase === 'ended')
    const [far] = await Promise.all(['far', 'near'].map(name => worker(server.url, name)))
    await Promise.race([underWay, lost])
    far!.child.kill('SIGSTOP')
    const { state, phases } = await lost
    expect(phases.filter(phase => phase !== 'preparing')).toEqual(['gathering', 'running'])
    expect(state.notes).toEqual([expect.stringMatching(/^Worker [12] of 2 \(far\) was lost/)])
    expect([...silent]).toEqual([expect.stringMatching(/^worker [12] silent for $/)])
    expect(
      state.validity?.findings.find(({ question }) => question === 'Did every worker stay to the end?'),
    ).toMatchObject({ state: 'doubtful', observed: expect.stringContaining('(far) was lost') as string })
    const end = await ended
    expect(end.state).toMatchObject({ silent: [], run: { workers: 2 }, end: { word: 'INVALID', exitCode: 98 } })
    reader.leave()
    expect((await started.finished).code).toBe(98)
  })

  test('names a worker that is cut off for good, and goes on without it; the worker ends its load', async () => {
    const server = await natsServer()
    const network = await cuttableNetwork(server.port)
    const far = await worker(`nats://127.0.0.1:${network.port}`, 'far')
    await worker(server.url, 'near')
    const more = ['--cluster-lost-after', '3s', '--on-worker-loss', 'continue']
    const started = run(steady(12), server.url, 2, more)
    await started.said(/2 of 2 workers/)
    await systemClock.sleep(6000)
    network.cut()
    await far.said(/ended after .*: nothing came from it for 3 s/)
    const { code, output } = await started.finished
    expect(unwrapped(output)).toMatch(
      /worker [12] of 2 \(far\) was lost, with \d+ arrivals.*: nothing came from it for 3 s/,
    )
    expect(code).toBe(98)
    const { outcome, workers, reconciliation } = readResult(started.out)
    expect(outcome.state).toBe('completed')
    expect(workers!.filter(row => row.lost !== undefined).map(({ name }) => name)).toEqual(['far'])
    // It sent requests that it could not report, and nothing is counted twice.
    expect(reconciliation.state).not.toBe('differs')
    network.heal()
    await far.said(/ended after[^]*is open again/)
  })

  test('ends with the name of a worker that was killed, whose process and files are gone too', async () => {
    const TMPDIR = scratchFolder()
    const server = await natsServer()
    const [first] = await Promise.all(['a', 'b'].map(name => worker(server.url, name, { env: { TMPDIR } })))
    const scenario = writeScenario(`import { scenario, user } from 'loadcell'
if (process.send) console.log('share is', process.pid)
export default scenario({
  load: { executor: 'constant-vus', vus: 4, duration: '40s' },
  users: [user('visitor', { think: '20ms', iterate: ({ http }) => http.get('/api/v1/products/7') })],
})
`)
    const started = run(scenario, server.url, 2, ['--cluster-lost-after', '3s'])
    await first!.said(/share is \d+/)
    const share = Number(/share is (\d+)/.exec(first!.output())![1])
    await systemClock.sleep(4000)
    first!.child.kill('SIGKILL')
    const { code, output } = await started.finished
    expect(unwrapped(output)).toMatch(/INVALID Worker [12] of 2 \([ab]\) was lost/)
    expect(code).toBe(98)
    expect(readResult(started.out).run.durationMs).toBeLessThan(20_000)
    for (let attempt = 0; attempt < 50 && isAlive(share); attempt++) await systemClock.sleep(100)
    expect(isAlive(share)).toBe(false)
    expect(bundles(TMPDIR)).toEqual([])
  })

  test('leaves the files of a worker that was killed together with its process to the next worker, which removes them', async () => {
    const TMPDIR = scratchFolder()
    const server = await natsServer()
    const only = await worker(server.url, 'only', { env: { TMPDIR } })
    const scenario = writeScenario(`import { scenario, user } from 'loadcell'
if (process.send) console.log('share is', process.pid)
export default scenario({ load: { executor: 'constant-vus', vus: 1, duration: '60s' }, users: [user('v', { iterate: ({ sleep }) => sleep('1s') })] })
`)
    const started = run(scenario, server.url, 1, ['--cluster-lost-after', '3s'])
    await only.said(/share is \d+/)
    only.child.kill('SIGKILL')
    process.kill(Number(/share is (\d+)/.exec(only.output())![1]), 'SIGKILL')
    await only.finished
    started.child.kill('SIGKILL')
    expect(bundles(TMPDIR)).toHaveLength(1)
    await worker(server.url, 'next', { env: { TMPDIR } })
    expect(bundles(TMPDIR)).toEqual([])
  })

  test('obeys live control at all workers alike', async () => {
    const server = await natsServer()
    const [first] = await Promise.all(['a', 'b'].map(name => worker(server.url, name)))
    const started = run(steady(60), server.url, 2)
    await first!.said(/takes part in \S+/)
    const [, runId] = /takes part in (\S+)/.exec(first!.output())!
    await systemClock.sleep(5000)
    for (const action of [['pause'], ['resume'], ['scale', '--rate', '20'], ['stop']]) {
      const { code, output } = await loadcell(['ctl', action[0]!, ...action.slice(1), runId!])
      expect(output).not.toMatch(/refused|no run/)
      expect(code).toBe(0)
    }
    const { output } = await started.finished
    expect(output).toMatch(/harness and ledger agree/)
    const { workers, run: about } = readResult(started.out)
    expect(about.durationMs).toBeLessThan(45_000)
    expect(workers!.every(row => row.lost === undefined && row.requests > 0)).toBe(true)
  })

  test('needs only the permissions that the guide lists, and a worker with --once ends after it', async () => {
    const both = '"loadcell.default.>", "_INBOX.>"'
    const user = (name: string, more: string) =>
      `{ user: ${name}, password: x, permissions: { publish: [${both}, ${more}], subscribe: [${both}] } }`
    const server = await natsServer(`jetstream {}
authorization { users = [
${user('worker', '"$JS.API.STREAM.MSG.GET.*"')}
${user('coordinator', '"$JS.API.INFO", "$JS.API.STREAM.CREATE.*", "$JS.API.STREAM.DELETE.*"')}
] }`)
    const as = (name: string) => server.url.replace('//', `//${name}:x@`)
    const only = await worker(as('worker'), 'only', { args: ['--once'] })
    const started = run(steady(1), as('coordinator'), 1)
    await expectAgreement(started)
    const outputs = [(await started.finished).output, (await only.finished).output]
    expect((await only.finished).code).toBe(0)
    expect(outputs.join('')).not.toMatch(/permission|refuses/)
  })

  test('ends when NATS is gone for good, at the coordinator and at the workers', async () => {
    const server = await natsServer()
    const workers = await Promise.all(['a', 'b'].map(name => worker(server.url, name)))
    const started = run(steady(40), server.url, 2, ['--cluster-lost-after', '3s'])
    await started.said(/2 of 2 workers/)
    await systemClock.sleep(5000)
    await server.kill()
    const { code, output } = await started.finished
    expect(unwrapped(output)).toMatch(/INVALID Worker [12] of 2 \([ab]\) was lost .*: nothing came from it for \d+ s/)
    expect(code).toBe(98)
    expect(readResult(started.out).run.durationMs).toBeLessThan(30_000)
    await Promise.all(workers.map(each => each.said(/ended after .*: nothing came from it for 3 s/)))
  })

  test('is told by a worker that is stopped by Ctrl-C', async () => {
    const server = await natsServer()
    const [first] = await Promise.all(['a', 'b'].map(name => worker(server.url, name)))
    const started = run(steady(30), server.url, 2)
    await started.said(/2 of 2 workers/)
    await systemClock.sleep(5000)
    first!.child.kill('SIGINT')
    const { code, output } = await started.finished
    expect(unwrapped(output)).toMatch(/INVALID Worker [12] of 2 \([ab]\) was lost .*: the worker was stopped/)
    expect(code).toBe(98)
    expect((await first!.finished).code).toBe(105)
  })

  test('ends at its workers when the coordinator is killed, and they wait for the next', async () => {
    const server = await natsServer()
    const only = await worker(server.url, 'only')
    const started = run(steady(60), server.url, 1, ['--cluster-lost-after', '3s'])
    await started.said(/1 of 1 workers/)
    await systemClock.sleep(4000)
    started.child.kill('SIGKILL')
    await only.said(/ended after .*: nothing came from it for 3 s[^]*waits for a run/)
    await expectAgreement(run(steady(1), server.url, 1))
  })

  test('corrects clocks that are apart by minutes, and says so', async () => {
    const server = await natsServer()
    const ahead = "Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + 180_000 })"
    await worker(server.url, 'ahead', preloaded(ahead))
    await worker(server.url, 'right')
    const events = writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-vus', vus: 4, duration: '4s' },
  users: [
    user('writer', {
      think: '50ms',
      begin: ({ auth }) => auth.clientCredentials('producer-service', 'producer-secret', 'events.write'),
      iterate: ({ http, fake }) => http.post('/v1/events/publish', { json: fake.priceChanged() }),
    }),
    user('reader', {
      begin: ({ auth }) => auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read'),
      async iterate({ sse }) { for await (const _ of sse.open('/v1/streams/pricing', { until: '20s' })); },
    }),
  ],
  thresholds: { event_e2e_latency: ['min>-2000', 'max<20000'] },
})
`)
    const started = run(events, server.url, 2)
    const { output } = await started.finished
    await expectAgreement(started)
    expect(unwrapped(output)).toMatch(/the clock of ahead is 3m ahead; its start was corrected/)
    const { workers, run: about } = readResult(started.out)
    const offsets = Object.fromEntries(
      workers!.map(({ name, clock }) => [name, Math.round(clock!.offsetMs / 1000) + 0]),
    )
    expect(offsets).toEqual({ ahead: 180, right: 0 })
    expect(about.durationMs).toBeLessThan(10_000)
  })

  test('isolates two coordinators, and says which run the workers are busy with', async () => {
    const server = await natsServer()
    await Promise.all(['a', 'b'].map(name => worker(server.url, name)))
    // They last until the third has been told, however slow the machine is.
    const told = join(scratchFolder(), 'told')
    const lasting = writeScenario(`import { existsSync } from 'node:fs'
import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '10m' },
  users: [user('visitor', {
    async iterate({ http, sleep }) {
      while (!existsSync(${JSON.stringify(told)})) await sleep('100ms')
      await http.get('/api/v1/products/7')
    },
  })],
  thresholds: { http_reqs: ['count==1'] },
})
`)
    const [one, two] = [run(lasting, server.url, 1), run(lasting, server.url, 1)]
    await Promise.all([one.said(/1 of 1/), two.said(/1 of 1/)])
    const third = await run(steady(1), server.url, 1, ['--cluster-wait', '1s']).finished
    expect(third.output).toMatch(
      /expected 1 worker at nats:.* within 1s, got none\n +[ab] works on the run scenario-\w+\n/,
    )
    expect(third.code).toBe(104)
    writeFileSync(told, '')
    await Promise.all([expectAgreement(one), expectAgreement(two)])
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe.runIf(hasNats)('a cluster that cannot be used', () => {
  test('says what is wrong with NATS, without credentials, and exits with 104', async () => {
    const [plain, full, strict] = await Promise.all([
      natsServer(''),
      natsServer('jetstream { max_file: 1KB, max_mem: 1KB }'),
      natsServer('authorization { user: kim, password: "s3cret" }'),
    ])
    const outputs = await Promise.all(
      [plain.url, full.url, strict.url.replace('//', '//kim:wr0ng@'), 'nats://kim:wr0ng@127.0.0.1:1'].map(
        url => run(steady(1), url, 1).finished,
      ),
    )
    expect(outputs.map(({ code }) => code)).toEqual([104, 104, 104, 104])
    const [noJetstream, noRoom, refused, gone] = outputs.map(({ output }) => output)
    expect(noJetstream).toMatch(/has no JetStream/)
    expect(noRoom).toMatch(/JetStream of NATS at .* is full/)
    expect(refused).toMatch(/refuses the password/)
    expect(gone).toMatch(/NATS at nats:\/\/127\.0\.0\.1:1 cannot be reached: ECONNREFUSED/)
    expect(outputs.map(({ output }) => output).join('')).not.toMatch(/wr0ng|s3cret/)
  })

  test('says that a worker lacks a package, and that it does not reach the target', async () => {
    const server = await natsServer()
    const target = startLoadcell(['target', '--port', '0'])
    onTestFinished(() => void target.child.kill('SIGKILL'))
    await target.said(/http:\/\/127\.0\.0\.1:\d+/)
    const [url, port] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(target.output()) as unknown as [string, string]
    const only = await worker(server.url, 'only', preloaded(behindFirewall(port)))
    const folder = scratchFolder()
    mkdirSync(join(folder, 'node_modules/shop-paths'), { recursive: true })
    writeFileSync(join(folder, 'node_modules/shop-paths/package.json'), '{"main":"index.js","type":"module"}')
    writeFileSync(join(folder, 'node_modules/shop-paths/index.js'), "export const path = '/api/v1/products/7'")
    writeFileSync(
      join(folder, 'shop.ts'),
      `import { scenario, user } from 'loadcell'
import { path } from 'shop-paths'
export default scenario({ load: { executor: 'constant-vus', vus: 1, duration: '1s' }, users: [user('v', { iterate: ({ http }) => http.get(path) })] })
`,
    )
    const lacking = await run(join(folder, 'shop.ts'), server.url, 1).finished
    expect(unwrapped(lacking.output)).toMatch(
      /A worker could not take part: the scenario imports the package shop-paths, which is not installed on/,
    )
    expect(lacking.code).toBe(104)
    await only.said(/ended after[^]*waits for a run at/)
    const cutOff = await run(steady(1), server.url, 1, ['--target', url]).finished
    expect(unwrapped(cutOff.output)).toMatch(/From the worker on .*: http:\/\/127\.0\.0\.1:\d+ cannot be reached/)
    expect(cutOff.code).toBe(97)
  })

  test('needs as many workers as it says, and no more than there are users', async () => {
    const scenario = writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({ load: { executor: 'constant-vus', vus: 2, duration: '1s' }, users: [user('v', { iterate: () => {} })] })
`)
    const url = 'nats://127.0.0.1:1'
    const auto = await loadcell(['run', scenario, '--cluster', url])
    expect(auto).toMatchObject({ code: 104, output: expect.stringMatching(/--cluster needs the number of workers/) })
    const many = await run(scenario, url, 3).finished
    expect(many).toMatchObject({ code: 104, output: expect.stringMatching(/users and arrivals for 2 workers only/) })
  })
})
