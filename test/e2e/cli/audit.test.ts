import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test, type TestContext } from 'vitest'
import { audit, auditScript, COLUMNS, loadScript, NEVER_LATE, SLOW } from './audited-script.ts'
import { startLoadcell } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const TWENTY = `await products(20)\n`

async function startTarget({ onTestFinished }: TestContext): Promise<string> {
  const target = startLoadcell(['target', '--port', '0', '--set', 'ledger.details=true', '--set', NEVER_LATE])
  onTestFinished(() => void target.child.kill('SIGKILL'))
  await target.said(/listening on http/)
  return /listening on (http\S+)/.exec(target.output())![1]!
}

describe('loadcell audit', () => {
  test('trusts a script that reports what it did', async () => {
    const { code, output, result } = await auditScript(`${TWENTY}write()`, [
      '--columns',
      COLUMNS,
      '--name',
      'unused=orders.create',
    ])
    expect({ code, word: result?.verdict.word }).toEqual({ code: 0, word: 'trustworthy' })
    expect(output).toMatch(/TRUSTWORTHY {2}The report and the ledger agree[^]*ended with exit code 0 after [\d.]+m?s\./)
    expect(result).toMatchObject({
      subject: { embedded: true, command: { exitCode: 0 } },
      accounting: { total: { arrivals: 20, tool: 20, counted: 20, missing: 0 } },
      load: { requests: 20 },
    })
  })

  test('proves a script wrong that hides its failures', async () => {
    const { code, result } = await auditScript(`${TWENTY}await get('/api/v1/products/none')\nlines.pop()\nwrite()`)
    expect({ code, word: result?.verdict.word }).toEqual({ code: 3, word: 'wrong' })
    expect(result?.verdict.sentence).toMatch(/1 request arrived that the tool does not report/)
  })

  test('sets faults for the time of the command, and gives the target of the command by its parts', async () => {
    const { script, report } = loadScript(`
      if (process.argv[3] !== new URL(target).host || !process.argv[4].startsWith('ws://')) process.exit(9)
      ${TWENTY}write()`)
    const flags = ['--target-set', NEVER_LATE, '--faults', 'flaky', '--columns', COLUMNS, '--report', report]
    const command = [process.execPath, script, report, '{host}:{port}', '{ws}']
    const { result } = await audit([...flags, '--', ...command])
    expect(result?.subject.faults).toEqual(['flaky'])
    // The faults may end the script with 1, but it found its arguments as it expects them.
    expect([0, 1]).toContain(result?.subject.command?.exitCode)
  })

  test('tells by --probe that users wait for responses', async () => {
    const { result } = await auditScript(
      `const end = Date.now() + 7500
       await Promise.all([1, 2, 3, 4].map(async () => { while (Date.now() < end) await get('/api/v1/products') }))
       write()`,
      ['--columns', COLUMNS, '--probe'],
      { ...SLOW, fault: { type: 'delay', distribution: '200ms' } },
    )
    expect(result?.load.model.sentence).toMatch(/requests wait for responses: while all responses were late, \d+ %/)
    expect(result?.load.model.kind).toBe('closed')
  })

  test('configures its own target by a file', async () => {
    const { script, report, folder } = loadScript(`await get('/api/v1/products?limit=100')\nwrite()`)
    const config = join(folder, 'target.yaml')
    writeFileSync(config, 'ledger: { lateAfter: 60s, details: false }\nseed: 5\n')
    const flags = ['--config', config, '--target-set', 'ledger.details=false', '--columns', COLUMNS]
    const { result } = await audit([...flags, '--report', report, '--', process.execPath, script, report])
    expect(result).toMatchObject({ load: { requests: 1, connections: { count: 0 } }, doubts: [] })
    writeFileSync(config, 'ledger: { lateAftr: 60s }\n')
    expect(await audit([...flags, '--report', report, '--', process.execPath, script, report])).toMatchObject({
      code: 104,
      output: expect.stringMatching(/lateAftr/),
    })
  })
})

describe('loadcell audit report', () => {
  test('holds the report of a run that is over against the ledger', async context => {
    const url = await startTarget(context)
    const { script, report } = loadScript(`
      await Promise.all(Array.from({ length: 30 }, (_, id) => get('/api/v1/products/' + (id + 1), { 'x-loadcell-run': 'nightly-7' })))
      write()`)
    await fetch(`${url}/_loadcell/faults/slow`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(SLOW),
    })
    await run(script, report, url)
    const flags = ['--columns', COLUMNS, '--url', url]
    const { code, output, result } = await audit(['report', report, '--run', 'nightly-7', ...flags])
    expect({ code, output, result }).toMatchObject({
      code: 0,
      output: expect.stringMatching(/TRUSTWORTHY/),
      result: {
        verdict: { word: 'trustworthy' },
        subject: { run: 'nightly-7', targetUrl: url, embedded: false },
        accounting: { total: { arrivals: 30, counted: 30 } },
      },
    })
    expect(result?.subject).not.toHaveProperty('command')
    const other = await audit(['report', report, '--run', 'nightly-8', ...flags])
    expect({ code: other.code, output: other.output }).toEqual({
      code: 98,
      output: expect.stringMatching(/INCONCLUSIVE {2}No request arrived/),
    })
  })

  test('rejects a report that it cannot read, and makes no folder', async context => {
    const url = await startTarget(context)
    const { script } = loadScript('')
    for (const [args, message] of [
      [[script], /no known report[^]*Known reports:[^]*locust/],
      [['--tool', 'jmeter', script], /load\.mjs/],
    ] as const) {
      const { code, output, folder } = await audit(['report', '--url', url, ...args])
      expect({ code, output, wrote: existsSync(folder) }).toEqual({
        code: 104,
        output: expect.stringMatching(message),
        wrote: false,
      })
    }
  })
})

async function run(script: string, report: string, url: string): Promise<void> {
  await promisify(execFile)(process.execPath, [script, report], { env: { ...process.env, LOADCELL_TARGET: url } })
}

test('help of the audit names every flag and exit code', async () => {
  const [{ output }, report] = await Promise.all([
    loadcell(['audit', '--help']),
    loadcell(['audit', 'report', '--help']),
  ])
  for (const flag of ['--columns', '--probe', '--config', '--timeout', '--faults', 'default: 10m', '  98 ', '  104 '])
    expect(output).toContain(flag)
  expect(report.output).toMatch(/--url <url>[^]*--run <run>[^]*results\.jtl/)
})
