import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, type TestContext } from 'vitest'
import { audit, auditScript, COLUMNS, loadScript, resultIn } from './audited-script.ts'
import { scratchFolder, startLoadcell, targetOf } from './loadcell.ts'

const node = process.execPath
const TEN = `await products(10)\n`

async function startTarget({ onTestFinished }: TestContext): Promise<string> {
  const target = startLoadcell(['target', '--port', '0', '--set', 'ledger.details=true'])
  onTestFinished(() => void target.child.kill('SIGKILL'))
  await target.said(/listening on http/)
  return /listening on (http\S+)/.exec(target.output())![1]!
}

async function rulesOf(url: string): Promise<unknown[]> {
  const response = await fetch(`${url}/_loadcell/faults`)
  return ((await response.json()) as { rules: unknown[] }).rules
}

/** Tells whether a process runs. One that has ended may wait for its parent to notice. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return /^[^Z]/.test(stdout.trim())
}

test('an audit whose command cannot be started says why, ends with 104, and sets no fault', async context => {
  const url = await startTarget(context)
  const { script } = loadScript('')
  const missing = await audit(['--url', url, '--faults', 'brownout', '--', 'no-such-tool', '-c', '5'])
  expect({ ...missing, folder: existsSync(missing.folder), rules: await rulesOf(url) }).toMatchObject({
    code: 104,
    output: expect.stringMatching(/no-such-tool cannot be started: there is no such program/),
    folder: false,
    rules: [],
  })
  const closed = await audit(['--url', url, '--', script])
  expect(closed).toMatchObject({
    code: 104,
    output: expect.stringMatching(/load\.mjs cannot be started: it is not executable/),
  })
})

test('an audit of a command that ends at once and sends nothing is inconclusive, and asks for the address', async () => {
  const { code, output, result } = await auditScript('process.exit(3)')
  expect({ code, output, command: result?.subject.command }).toMatchObject({
    code: 98,
    output: expect.stringMatching(/INCONCLUSIVE {2}The command sent no request to the target: does it use \{target\}/),
    command: { exitCode: 3 },
  })
  expect(result?.doubts).toContainEqual(expect.stringMatching(/wrote no report to .*report\.csv .*exit code 3/))
})

test('an audit of a command whose requests name a run of their own asks whether that is meant', async () => {
  const { code, output } = await auditScript(`await get('/api/v1/products/1', { 'x-loadcell-run': 'mine' })\nwrite()`)
  expect({ code, output }).toEqual({
    code: 98,
    output: expect.stringMatching(
      /No request belongs to run "default", and some belong to "mine": is the command’s run/,
    ),
  })
})

test('an audit stops a command that never ends, and what it has started, after --timeout', async () => {
  const { script, report, folder } = loadScript(`
    import { spawn, spawnSync } from 'node:child_process'
    ${TEN}
    const child = spawn(process.execPath, ['-e', 'process.on("SIGINT", () => {}); setInterval(() => {}, 1000)'])
    writeFileSync(process.argv[3], String(child.pid))
    setInterval(() => {}, 1000)`)
  const pidFile = join(folder, 'pid')
  const { code, output, result } = await audit(['--timeout', '3s', '--', node, script, report, pidFile])
  expect({ code, output, stopped: result?.subject.command?.stopped }).toMatchObject({
    code: 98,
    output: expect.stringMatching(/INCONCLUSIVE {2}The command did not end, and was stopped after --timeout/),
    stopped: 'timeout',
  })
  expect(isRunning(Number(readFileSync(pidFile, 'utf8')))).toBe(false)
})

test('an audit does not wait for what its command leaves in the background, and ends it', async () => {
  const { result, report } = await auditScript(`
    import { spawn, spawnSync } from 'node:child_process'
    ${TEN}write()
    const daemon = spawn('sleep', ['300'], { detached: true, stdio: 'inherit' })
    daemon.unref()
    const other = spawn('sleep', ['300'], { stdio: 'inherit' })
    other.unref()
    writeFileSync(process.argv[2] + '.pids', [daemon.pid, other.pid].join())
    process.exit(0)`)
  expect(result).toMatchObject({ verdict: { word: 'trustworthy' }, subject: { command: { exitCode: 0 } } })
  const pids = readFileSync(`${report}.pids`, 'utf8').split(',').map(Number)
  expect(pids.map(pid => isRunning(pid))).toEqual([false, false])
})

test('an audit whose report is of no known tool lists those that it can read', async () => {
  const { output } = await auditScript(`${TEN}writeFileSync(process.argv[2], '{"hello": 1}')`, [])
  expect(output).toMatch(/^Known reports:\n {2}locust: /m)
})

test.each<[string, string, string[], RegExp]>([
  [
    'is cut off',
    `${TEN}writeFileSync(process.argv[2], 'label,took,code,time,size\\nGET /api/v1/pro')`,
    ['--columns', COLUMNS],
    /cannot be used: report\.csv/,
  ],
  [
    'is of no known tool',
    `${TEN}writeFileSync(process.argv[2], '{"hello": 1}')`,
    [],
    /cannot be used: report\.csv: no known report$/,
  ],
  [
    'is of another tool',
    `${TEN}writeFileSync(process.argv[2], '{"hello": 1}')`,
    ['--tool', 'locust'],
    /cannot be used: report\.csv: .*Locust/,
  ],
  [
    'is of an earlier run by its file',
    `import { utimesSync } from 'node:fs'\n${TEN}write()\nutimesSync(process.argv[2], 1700000000, 1700000000)`,
    ['--columns', COLUMNS],
    /report\.csv: older than this run; the command did not write it/,
  ],
  [
    'is of an earlier run by its times',
    `${TEN}for (const [at, line] of lines.entries()) lines[at] = line.replace(/,1[0-9]{12},/, ',1700000000000,')\nwrite()`,
    ['--columns', COLUMNS],
    /the report is of another run: it ends at 2023-/,
  ],
  [
    'is in another unit',
    `${TEN}write()`,
    ['--columns', COLUMNS.replace('took:ms', 'took:s')],
    /all times of the report are 1,000 times those of the ledger: they are in another unit/,
  ],
])('an audit is inconclusive when the report %s, and tells what arrived', async (_, source, flags, reason) => {
  const { code, result } = await auditScript(source, flags)
  expect({ code, word: result?.verdict.word, doubts: result?.doubts, arrived: result?.load.requests }).toEqual({
    code: 98,
    word: 'inconclusive',
    doubts: [expect.stringMatching(reason)],
    arrived: 10,
  })
})

test('an audit proves a script wrong that retries by itself, and asks whether it does', async () => {
  const { code, result } = await auditScript(
    `async function retrying(id) {
       for (;;) {
         await get('/api/v1/products/' + id)
         if (!lines.at(-1).includes(',503,')) return
         lines.pop()
       }
     }
     for (let id = 1; id <= 20; id++) await retrying(id)
     write()`,
    ['--columns', COLUMNS],
    { id: 'some', share: 0.4, fault: { type: 'status', status: 503 } },
  )
  expect({ code, sentence: result?.verdict.sentence }).toEqual({
    code: 3,
    sentence: expect.stringMatching(
      /requests? arrived that the tool does not report\. \d+ requests? failed and came again/,
    ),
  })
})

test('an audit asks for the operation of names that match none or several', async () => {
  const { code, output, result } = await auditScript(`
    ${TEN}
    for (const [at, line] of lines.entries()) lines[at] = line.replace(/GET [^,]*/, at < 5 ? 'Browse' : '/api/v1/tasks')
    write()`)
  expect(code).toBe(0)
  expect(output).toMatch(/Browse \(5\) is not compared: it is neither a path nor a URL; name its operation with --name/)
  expect(result?.accounting.unmatchedNames).toMatchObject([
    { name: 'Browse', requests: 5 },
    { name: '/api/v1/tasks', requests: 5, reason: expect.stringMatching(/tasks\.(list|create) or tasks\./) },
  ])
})

test('an audit leaves a target alone that has rules or requests of its own', async context => {
  const url = await startTarget(context)
  const rule = { id: 'mine', fault: { type: 'delay', distribution: '1ms' } }
  await fetch(`${url}/_loadcell/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rule),
  })
  const { script } = loadScript(TEN)
  const ruled = await audit(['--url', url, '--faults', 'brownout', '--', node, script])
  expect(ruled).toMatchObject({ code: 104, output: expect.stringMatching(/has faults of its own \(mine\)/) })
  expect(await rulesOf(url)).toMatchObject([{ rule: { id: 'mine' } }])
  await fetch(`${url}/api/v1/products`)
  const used = await audit(['--url', url, '--', node, script])
  expect(used).toMatchObject({
    code: 104,
    output: expect.stringMatching(/has 1 request without a run header already/),
  })
})

test('Ctrl-C ends an audit with its command, and its faults', async context => {
  const url = await startTarget(context)
  const { script, report, folder } = loadScript(`
    writeFileSync(process.argv[3], String(process.pid))
    ${TEN}
    console.log('under way')
    setInterval(() => {}, 1000)`)
  const [out, pidFile] = [join(scratchFolder(), 'out'), join(folder, 'pid')]
  const flags = ['--url', url, '--faults', 'slow_network', '--out', out]
  const started = startLoadcell(['audit', ...flags, '--', node, script, report, pidFile])
  await started.said(/under way/)
  expect(await rulesOf(url)).not.toEqual([])
  started.child.kill('SIGINT')
  const { code } = await started.finished
  expect({ code, stopped: resultIn(out)?.subject.command?.stopped, rules: await rulesOf(url) }).toEqual({
    code: 105,
    stopped: 'interrupted',
    rules: [],
  })
  expect(isRunning(Number(readFileSync(pidFile, 'utf8')))).toBe(false)
})

test('an audit ends with 97 when its target is lost, with the command that it had started', async () => {
  const { script, folder } = loadScript(`
    writeFileSync(process.argv[2], String(process.pid))
    ${TEN}
    const { boot } = await (await fetch(target + '/_loadcell/runs')).json()
    console.log('under way')
    setInterval(() => {}, 1000)`)
  const pidFile = join(folder, 'pid')
  const out = join(scratchFolder(), 'out')
  const started = startLoadcell(['audit', '--out', out, '--', node, script, pidFile])
  await started.said(/under way/)
  process.kill(await targetOf(started.child.pid!), 'SIGKILL')
  const { code, output } = await started.finished
  expect({ code, output, wrote: existsSync(out) }).toEqual({
    code: 97,
    output: expect.stringMatching(/the embedded target ended with SIGKILL/),
    wrote: false,
  })
  expect(isRunning(Number(readFileSync(pidFile, 'utf8')))).toBe(false)
})

test('an audit without a command ends with 104', async () => {
  expect(await audit([])).toMatchObject({ code: 104, output: expect.stringMatching(/audit needs a command/) })
})
