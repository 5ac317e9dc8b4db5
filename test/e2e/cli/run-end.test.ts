import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadcell, readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'

let server: Server
let url: string

beforeAll(async () => {
  server = createServer(({ url: path = '' }, response) => {
    // A slow ledger keeps the process alive for a while after a run with --identify.
    if (path.startsWith('/_loadcell/')) setTimeout(() => response.end('ok'), 100)
    else response.end('ok')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

interface Parts {
  before?: string
  user?: string
  duration?: string
  grace?: string
}

const scenarioOf = ({ before = '', user = '', duration = '1s', grace = '1s' }: Parts) =>
  writeScenario(`import { scenario, user } from 'loadcell'
${before}
export default scenario({
  load: { executor: 'constant-vus', vus: 1, duration: '${duration}', gracefulStop: '${grace}' },
  users: [user('u', { think: '50ms', iterate: ({ http }) => http.get('/x'), ${user} })],
})`)

const argsOf = (scenario: string, ...flags: string[]) => ['run', scenario, '--target', url, '--warmup', '0', ...flags]

describe('a scenario that tries to end the process fails, and the error names the place', () => {
  it.each<[string, Parts, RegExp]>([
    ['in an iteration', { user: 'iterate: () => { process.exit(0) }' }, /process\.exit\(0\) \(scenario\.ts:5\)/],
    [
      'when it is read, and caught',
      { before: 'try { process.exit(0) } catch {}' },
      /process\.exit\(0\) \(scenario\.ts:2\)/,
    ],
    [
      'in a timer',
      { before: 'setTimeout(() => process.exit(0), 700)', duration: '20s' },
      /process\.exit\(0\) \(scenario\.ts:2\)/,
    ],
    [
      'under another name',
      { before: "import { exit as leave } from 'node:process'", user: 'iterate: () => leave(0)' },
      /process\.exit\(0\) \(scenario\.ts:5\)/,
    ],
    ['by aborting', { user: 'iterate: () => { process.abort() }' }, /process\.abort\(\) \(scenario\.ts:5\)/],
    [
      'by killing its process group',
      { user: "iterate: () => { process.kill(-process.pid, 'SIGKILL') }" },
      /process\.kill\(-\d+, "SIGKILL"\) \(scenario\.ts:5\)/,
    ],
    [
      'in handlers of exceptions',
      {
        before: `process.on('uncaughtException', () => process.exit(0))
          process.on('unhandledRejection', async () => process.exit(0))`,
        user: "iterate: () => { void Promise.reject(new Error('dropped')) }",
      },
      /process\.exit\(0\)/,
    ],
  ])('%s', async (_, parts, told) => {
    const { code, output } = await loadcell(argsOf(scenarioOf(parts)))
    expect(output.replaceAll(/\s+/g, ' ')).toMatch(told)
    expect(output).not.toMatch(/internal error/)
    expect(code).toBe(104)
  })
})

describe('a finished run keeps its verdict', () => {
  it.each<[string, Parts]>([
    [
      'whatever the scenario leaves open, and whichever exit code it and its handler of exit have set',
      {
        before: `import { createServer } from 'node:net'
          import { spawn } from 'node:child_process'
          createServer().listen(0)
          setInterval(() => {}, 1000)
          spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20_000)'], { stdio: 'ignore' })
          process.exitCode = 42
          process.on('exit', () => { process.exitCode = 43 })`,
      },
    ],
    ['when a handler of exit throws', { before: "process.on('exit', () => { throw new Error('too late') })" }],
  ])('%s', async (_, parts) => {
    const out = scratchFolder()
    const { code } = await loadcell(argsOf(scenarioOf(parts), '--out', out))
    expect(readResult(out).outcome.state).toBe('completed')
    expect(code).toBe(readResult(out).exitCode)
  })

  it('when the scenario throws afterwards, and the output says so', async () => {
    const out = scratchFolder()
    // Throws every ms, so that some exceptions come between the end of the run and the end of the process.
    const before = "let over = false; setInterval(() => { if (over) { throw new Error('late') } }, 1)"
    const file = scenarioOf({ before, user: 'end: ({ sleep }) => { setTimeout(() => (over = true), 0) }' })
    const { code, output } = await loadcell(argsOf(file, '--identify', '--out', out))
    expect(readResult(out).outcome.state).toBe('completed')
    expect(output).toMatch(/before or after the run the scenario threw .*:\n {2}Error: late \(scenario\.ts:2\)\n/)
    expect(code).toBe(readResult(out).exitCode)
  })

  it('counts exceptions outside of iterations, with their place', async () => {
    const out = scratchFolder()
    const user = "iterate: () => { setTimeout(() => { throw new Error('stray') }, 1) }"
    await loadcell(argsOf(scenarioOf({ user }), '--out', out))
    const [row] = readResult(out).errors
    expect(row).toMatchObject({ name: '(outside of any iteration)', example: 'Error: stray (scenario.ts:5)' })
  })
})

describe('the report', () => {
  it('goes into a folder of its own if the folder holds an earlier report', async () => {
    const out = join(scratchFolder(), 'results')
    const scenario = scenarioOf({})
    const runs = await Promise.all([1, 2].map(seed => loadcell(argsOf(scenario, '--out', out, '--seed', String(seed)))))
    const third = await loadcell(argsOf(scenario, '--out', out, '--seed', '3'))
    const seeds = [out, `${out}-2`].map(folder => readResult(folder).run.seed)
    expect(new Set(seeds)).toEqual(new Set([1, 2]))
    expect(readResult(`${out}-3`).run.seed).toBe(3)
    expect(third.output).toContain(`holds an earlier run; the report of this one goes to ${out}-3`)
    for (const folder of [out, `${out}-2`, `${out}-3`]) {
      expect(readdirSync(folder).sort()).toEqual(['report.html', 'result.json'])
    }
    expect(runs.map(({ output }) => output).join()).not.toMatch(/internal error/)
  })

  it('leaves nothing behind when there is nothing to report', async () => {
    const folder = scratchFolder()
    const args = ['run', 'mixed-streaming', '--target-set', 'no.such=1', '--out', join(folder, 'a/b')]
    expect((await loadcell(args)).code).toBe(104)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each<[string, (out: string) => void, RegExp]>([
    ['the folder is gone', out => rmSync(out, { recursive: true }), /report {6}.*report\.html/],
    [
      'a file is in its place',
      out => {
        renameSync(out, `${out}-away`)
        writeFileSync(out, '')
      },
      /could not be written to .*\n {2}It is in .*loadcell-.*report\.html instead; .*--out/,
    ],
    [
      'its disk is full',
      out => symlinkSync('/dev/full', join(out, 'report.html.part')),
      /could not be written to .*ENOSPC.*\n {2}It is in .*loadcell-.*report\.html instead; .*--out/,
    ],
    [
      'nothing can be written anywhere',
      out => {
        rmSync(out, { recursive: true })
        writeFileSync(out, '')
        rmSync(join(out, '../tmp'), { recursive: true })
      },
      /could not be written to .*\n {2}What was printed above is all there is; .*--out/,
    ],
  ])('does not cost the summary, nor the exit code, when %s at the end', async (_, spoil, told) => {
    const folder = scratchFolder()
    const out = join(folder, 'out')
    mkdirSync(join(folder, 'tmp'))
    const run = startLoadcell(argsOf(scenarioOf({ duration: '2s' }), '--out', out), {
      env: { TMPDIR: join(folder, 'tmp') },
    })
    await run.said(/running/)
    spoil(out)
    const { code, output } = await run.finished
    expect(output).toMatch(/PASSED|INVALID/)
    expect(output).toMatch(told)
    expect(output).not.toMatch(/internal error/)
    expect(code).toBe(/PASSED/.test(output) ? 0 : 98)
  })

  it.each(['/proc/self', `/tmp/${'x'.repeat(300)}`])(
    'that cannot be written to %s is refused before any load is sent',
    async out => {
      const { code, output } = await loadcell(argsOf(scenarioOf({}), '--out', out))
      expect(output).toMatch(/cannot be written to: [^]*Give another with --out/)
      expect(code).toBe(104)
    },
  )

  it('is written even if the reader of the output has closed the pipe', async () => {
    const out = scratchFolder()
    const run = startLoadcell(argsOf(scenarioOf({ duration: '2s' }), '--out', out))
    await run.said(/running/)
    run.child.stdout!.destroy()
    const { code } = await run.finished
    expect(existsSync(join(out, 'report.html'))).toBe(true)
    expect(code).toBe(readResult(out).exitCode)
  })
})

describe('an interrupt', () => {
  it('while the scenario is read ends with 105', async () => {
    const run = startLoadcell(
      argsOf(scenarioOf({ before: "console.log('reading'); setInterval(() => {}, 9); await new Promise(() => {})" })),
    )
    await run.said(/reading/)
    run.child.kill('SIGHUP')
    const { code, output } = await run.finished
    expect(output).toMatch(/interrupted before the run began; there is no report/)
    expect(code).toBe(105)
  })

  it('while the embedded target starts ends with 105', async () => {
    const folder = scratchFolder()
    const run = startLoadcell([
      'run',
      scenarioOf({ before: "setTimeout(() => console.log('read'), 0)" }),
      '--out',
      join(folder, 'out'),
    ])
    await run.said(/read/)
    run.child.kill('SIGINT')
    const { code } = await run.finished
    expect(code).toBe(105)
  })

  it('in the warm-up ends with 105 and a report', async () => {
    const out = scratchFolder()
    const run = startLoadcell(['run', scenarioOf({}), '--target', url, '--warmup', '30s', '--out', out])
    await run.said(/warming up/)
    run.child.kill('SIGTERM')
    expect((await run.finished).code).toBe(105)
    expect(readResult(out).outcome.state).toBe('interrupted')
  })

  it('ends the run at once when repeated, even if hooks never end and the target never answers', async () => {
    const silent = createServer((request, response) => {
      if (!request.url!.startsWith('/_loadcell')) response.end('ok')
    })
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const out = scratchFolder()
    const user = 'end: () => new Promise(() => {}), iterate: () => new Promise(() => {})'
    const scenario = scenarioOf({ user, duration: '1h', grace: '1h' })
    const target = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const run = startLoadcell(['run', scenario, '--target', target, '--warmup', '0', '--out', out])
    await run.said(/running/)
    run.child.kill('SIGINT')
    await run.said(/Stopping gracefully/)
    run.child.kill('SIGINT')
    const { code } = await run.finished
    silent.closeAllConnections()
    silent.close()
    expect(code).toBe(105)
    expect(readResult(out).reconciliation).toMatchObject({
      state: 'unavailable',
      summary: expect.stringContaining('stopped at once'),
    })
  })
})

it('a run is invalid if the machine was too slow to start all users, and says how many started', async () => {
  const scenario = writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-vus', vus: 2000, duration: '1s' },
  users: [user('busy', {
    begin: () => { for (const until = performance.now() + 5; performance.now() < until; ); },
    iterate: ({ http }) => http.get('/x'),
  })],
})`)
  const out = scratchFolder()
  const { code, output } = await loadcell(argsOf(scenario, '--out', out))
  const { totals, validity } = readResult(out)
  expect(totals.peakUsers).toBeLessThan(2000)
  const observed = `${totals.peakUsers} of 2000 started`
  expect(validity.findings).toContainEqual(expect.objectContaining({ state: 'doubtful', observed }))
  expect(output.replaceAll(/\s+/g, ' ')).toContain(observed)
  expect(code).toBe(98)
})

it('a schedule that is too fast for the machine ends, and iterations that did not start are counted', async () => {
  const scenario = writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-arrival-rate', rate: 1_000_000, duration: '2s', preAllocatedVUs: 1, maxVUs: 5, gracefulStop: '1s' },
  users: [user('a', { iterate: ({ sleep }) => sleep('1ms') }), user('b', { iterate: ({ sleep }) => sleep('1ms') })],
})`)
  const out = scratchFolder()
  await loadcell(argsOf(scenario, '--out', out))
  const { totals } = readResult(out)
  expect(totals.iterations + totals.droppedIterations).toBe(2_000_000)
})
