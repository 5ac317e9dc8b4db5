import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startCollector } from '../support/collector.ts'

const root = resolve(import.meta.dirname, '../..')
const execute = promisify(execFile)

const scenarioSource = `
import { between, matchesSchema, scenario, user } from 'loadcell'

const isHealth = matchesSchema({ type: 'object', required: ['status'] })

export default scenario({
  load: { executor: 'constant-vus', vus: 2, duration: '2s' },
  users: [
    user('reader', { think: between('10ms', '20ms'),
      begin: () => ({ seen: 0 }),
      async iterate({ http, state, check }) {
        const response = await http.get('/healthz')
        state.seen += 1
        check(response, { 'is healthy': ({ status }) => status === 200, 'has a status': isHealth })
        check(await http.get('/docs'), { 'has a title': page => page.html().text('title') !== '' })
      },
    }),
  ],
  thresholds: { checks: ['rate==1'] },
})
`

/** Tests the package as a user gets it who installs it into an empty folder. */
describe('the packed package', () => {
  let folder: string
  const run = async (command: string, ...args: string[]) => {
    try {
      const { stdout, stderr } = await execute(command, args, { cwd: folder })
      return { code: 0, output: stdout + stderr }
    } catch (error) {
      const failed = error as { code: number; stdout: string; stderr: string }
      return { code: failed.code, output: failed.stdout + failed.stderr }
    }
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'loadcell-package-'))
    await execute('npm', ['pack', '--pack-destination', folder], { cwd: root })
    const tarball = readdirSync(folder).find(file => file.endsWith('.tgz'))!
    writeFileSync(join(folder, 'package.json'), '{ "name": "user", "private": true, "type": "module" }')
    await execute('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`], { cwd: folder })
    writeFileSync(join(folder, 'mine.ts'), scenarioSource)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const loadcell = (...args: string[]) => run('node_modules/.bin/loadcell', ...args)

  it('has a command that teaches', async () => {
    const { code, output } = await loadcell('--help')
    expect(code).toBe(0)
    expect(output).toContain('loadcell run mixed-streaming')
  })

  it('runs a scenario of the user’s own, in TypeScript, against the embedded target', async () => {
    const { code, output } = await loadcell('run', 'mine.ts', '--warmup', '0', '--out', 'out')
    expect(output).toMatch(/harness and ledger agree/)
    expect(code).toBe(0)
    expect(existsSync(join(folder, 'out', 'report.html'))).toBe(true)
  })

  it('shows the history of results on a page', async () => {
    const { code, output } = await loadcell('history', 'out', '--html', 'history.html')
    expect(output).toContain('One run is no trend yet.')
    expect(code).toBe(0)
    expect(readFileSync(join(folder, 'history.html'), 'utf8')).toContain('TOO FEW RUNS')
  })

  it('writes a first scenario into a folder, which runs and passes the type check with the settings beside it', async () => {
    const { code, output } = await loadcell('init', 'first')
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('npm pkg set') as string })
    expect(existsSync(join(folder, 'first/package.json'))).toBe(false)
    const types = await run(join(root, 'node_modules/.bin/tsc'), '--noEmit', '--project', 'first')
    expect(types).toEqual({ code: 0, output: '' })
    const ran = await loadcell('run', 'first/scenario.ts', '--duration', '2s', '--warmup', '0', '--out', 'first/out')
    expect(ran.output).toMatch(/harness and ledger agree/)
  })

  it('says what to install for an export that needs other packages, and exports once they are there', async () => {
    const collector = await startCollector()
    const run = () => loadcell('run', 'mine.ts', '--warmup', '0', '--out', 'exported', '--export', 'otlp')
    const { code, output } = await run()
    expect(code).toBe(104)
    const [, packages = ''] = /npm install --save-dev (.*)/.exec(output) ?? []
    await execute('npm', ['install', '--no-audit', '--no-fund', '--save-dev', ...packages.split(' ')], { cwd: folder })
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url
    expect((await run()).output).not.toContain('--export otlp')
    expect(collector.requests.map(({ url }) => url)).toEqual(['/v1/metrics'])
  })

  it('has the schemas of its documents', async () => {
    const script =
      "import schema from 'loadcell/schemas/result-1.json' with { type: 'json' }; console.log(schema.title)"
    expect(await run(process.execPath, '--input-type=module', '-e', script)).toEqual({ code: 0, output: 'RunResult\n' })
  })

  it('runs a scenario that came with it, by name', async () => {
    const { output } = await loadcell(
      'run',
      'sse-consumer',
      '--warmup',
      '0',
      '--duration',
      '3s',
      '--vus',
      '2',
      '--out',
      'ready',
    )
    expect(output).toMatch(/harness and ledger agree/)
  })

  it('says what to install for gRPC, for the target and for the harness, and runs once both are there', async () => {
    const call = () => loadcell('run', 'grpc', '--warmup', '0', '--duration', '4s', '--vus', '4', '--out', 'called')
    const install = async (output: string) => {
      const [, packages = ''] = /npm install --save-dev (.*)/.exec(output) ?? []
      await execute('npm', ['install', '--no-audit', '--no-fund', '--save-dev', ...packages.split(' ')], {
        cwd: folder,
      })
    }
    const served = (await call()).output
    expect(served).toContain('grpc.enabled needs the package @grpc/proto-loader')
    expect(served).not.toMatch(/internal error|within 60 s/)
    await install(served)
    await install((await call()).output)
    expect((await call()).output).toMatch(/harness and ledger agree/)
  })

  it('audits a command, and writes its page', async () => {
    const script = "fetch(process.env.LOADCELL_TARGET + '/products/1')"
    const { code, output } = await loadcell('audit', '--quiet', '--out', 'audited', '--', 'node', '-e', script)
    expect({ code, output }).toEqual({ code: 98, output: expect.stringContaining('INCONCLUSIVE') as string })
    expect(readFileSync(join(folder, 'audited', 'audit.html'), 'utf8')).toContain('.class-counted {')
  })

  it('has types that accept the scenario and refuse a wrong one', async () => {
    const typecheck = (file: string) =>
      run(
        join(root, 'node_modules/.bin/tsc'),
        '--noEmit',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2024',
        '--types',
        '',
        '--skipLibCheck',
        file,
      )
    expect(await typecheck('mine.ts')).toEqual({ code: 0, output: '' })

    writeFileSync(
      join(folder, 'wrong.ts'),
      scenarioSource.replace("executor: 'constant-vus'", "executor: 'constant-users'"),
    )
    const wrong = await typecheck('wrong.ts')
    expect(wrong.code).not.toBe(0)
    expect(wrong.output).toContain('constant-users')
  })
})
