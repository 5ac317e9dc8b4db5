import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { FeedReader } from '../../support/run-feed.ts'
import { main, readResult, scratchFolder, startLoadcell, targetOf, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

/** Runs a command in a pseudo-terminal; of util-linux, which every Linux has. */
const SCRIPT = '/usr/bin/script'

const scenario = (duration: string) =>
  writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-arrival-rate', rate: 40, duration: '${duration}' },
  warmup: 0,
  users: [user('reader', { iterate: ({ http }) => http.get('/api/v1/products/1') })],
  thresholds: { http_req_failed: ['rate<0.01'], http_req_duration: ['p(95)<1'] },
})`)

/** Starts a run with a page, and returns the address that it prints. */
async function paged(onTestFinished: TestContext['onTestFinished'], duration: string, ...flags: string[]) {
  const out = join(scratchFolder(), 'out')
  const run = startLoadcell(['run', scenario(duration), '--ui', '--out', out, '--summary', 'compact', ...flags])
  onTestFinished(() => void run.child.kill('SIGKILL'))
  await run.said(/live page of this run is \S+#\S+\n/)
  const [, address = ''] = /live page of this run is (\S+)\n/.exec(run.output())!
  return { run, out, address, reader: new FeedReader(address) }
}

describe('loadcell run --ui', () => {
  it('sends the numbers of the result and of the ledger, and stays open until the last viewer has left', async ({
    onTestFinished,
  }) => {
    const { run, out, reader } = await paged(onTestFinished, '4s', '--workers', '2')
    const { state, seconds, truth } = await reader.until(({ state }) => state.phase === 'ended')
    const report = await (await fetch(`${reader.origin}/report`)).text()
    const page = await fetch(reader.origin)
    await run.said(/stays open until its last viewer has left/)
    reader.leave()
    const { code } = await run.finished
    const { totals, timeline, thresholds, validity, exitCode, spectrum } = readResult(out)
    expect(code).toBe(exitCode)
    expect(report).toBe(readFileSync(join(out, 'report.html'), 'utf8'))
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(state).toMatchObject({
      run: { workers: 2, isEmbedded: true },
      totals: { requests: totals.requests, failed: 0, iterations: totals.iterations },
      thresholds: JSON.parse(JSON.stringify(thresholds)),
      validity,
      spectrum,
      end: {
        exitCode,
        word: expect.stringMatching(/FAILED|INVALID/),
        reconciliation: expect.stringContaining('agree'),
      },
    })
    const shown = [...seconds.values()].map(({ requests, failures, users, response }) => ({
      requests,
      failures,
      users,
      response,
    }))
    expect(shown).toEqual(
      timeline.map(point => ({
        requests: point.requestsPerSecond,
        failures: point.failuresPerSecond,
        users: point.activeUsers,
        response: { p50Ms: point.responseP50Ms, p95Ms: point.responseP95Ms, p99Ms: point.responseP99Ms },
      })),
    )
    const arrivals = [...truth.values()].reduce((sum, { arrivals = 0 }) => sum + arrivals, 0)
    // Each is a rate over a second of the run, which cuts seconds of the ledger.
    expect(arrivals / totals.requests).toBeGreaterThan(0.8)
    expect(arrivals / totals.requests).toBeLessThan(1.2)
    expect([...truth.values()].some(({ cpuCores = 0 }) => cpuCores > 0)).toBe(true)
  })

  it('is steered with the key of its address only, and writes the report after Ctrl-C', async ({ onTestFinished }) => {
    const { run, out, reader, address } = await paged(onTestFinished, '60s')
    await reader.until(({ seconds }) => seconds.size > 0)
    const withoutKey = await reader.command({ kind: 'pause' }, {})
    const foreign = await reader.command({ kind: 'pause' }, { origin: 'http://127.0.0.1:1' })
    const unknown = await reader.command({ kind: 'explode' })
    expect([withoutKey.status, foreign.status, unknown.status]).toEqual([401, 403, 409])
    const paused = await reader.command({ kind: 'pause' })
    expect(await paused.json()).toMatchObject({ state: 'accepted', detail: expect.stringContaining('No iteration') })
    const { state } = await reader.until(({ state }) => state.phase === 'paused')
    expect(state).toMatchObject({
      loads: [{ isPaused: true, scalesBy: 'rate' }],
      marks: [{ label: 'pause', isOfRun: true }],
    })
    expect((await reader.command({ kind: 'scale', rate: 80 })).status).toBe(200)
    const watching = new FeedReader(address)
    let isWatched = false
    const ending = watching.until(({ state }) => {
      isWatched = true
      return state.phase === 'ended'
    })
    await expect.poll(() => isWatched, { timeout: 20_000 }).toBe(true)
    run.child.kill('SIGINT')
    const ended = await ending
    const { code, output } = await run.finished
    expect({ code, held: output.includes('stays open') }).toEqual({ code: 105, held: false })
    expect(readResult(out).marks.map(({ label }) => label)).toEqual(['pause', 'scale to a rate of 80'])
    expect(ended.state.end).toMatchObject({ word: 'INTERRUPTED', exitCode: 105 })
  })

  it('ends by itself where nobody looks, and shows why there is no truth of a foreign server', async ({
    onTestFinished,
  }) => {
    const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    const { port } = await new Promise<AddressInfo>(resolve =>
      server.once('listening', () => resolve(server.address() as AddressInfo)),
    )
    const { run, reader } = await paged(onTestFinished, '2s', '--target', `http://127.0.0.1:${port}`)
    const { state } = await reader.until(({ seconds }) => seconds.size > 0)
    reader.leave()
    expect(state.truthUnknown).toContain('not one of Loadcell')
    expect((await run.finished).output).not.toContain('stays open')
  })

  it('says that the target crashed', async ({ onTestFinished }) => {
    const { run, out, reader } = await paged(onTestFinished, '60s')
    await reader.until(({ seconds }) => seconds.size > 0)
    process.kill(await targetOf(run.child.pid!), 'SIGKILL')
    const { state } = await reader.until(({ state }) => state.phase === 'ended')
    reader.leave()
    await run.finished
    expect(state.notes).toEqual([expect.stringMatching(/^The target is gone: the embedded target ended with SIGKILL/)])
    expect(state.end).toMatchObject({ word: 'FAILED', detail: expect.stringContaining('SIGKILL') })
    expect(readResult(out).outcome.state).toBe('target_lost')
  })

  it.skipIf(!existsSync(SCRIPT))(
    'stays open on a terminal until Ctrl-C, and ends as the run did',
    async ({ onTestFinished }) => {
      const command = [process.execPath, main, 'run', scenario('1s'), '--ui', '--out', join(scratchFolder(), 'out')]
      const env = { ...process.env, CI: '' }
      // Without `exec`, a shell in between may take Ctrl-C for itself.
      const terminal = spawn(SCRIPT, ['-qec', `exec ${command.join(' ')}`, '/dev/null'], { cwd: scratchFolder(), env })
      onTestFinished(() => void terminal.kill('SIGKILL'))
      let shown = ''
      terminal.stdout.on('data', chunk => (shown += String(chunk)))
      await expect.poll(() => shown, { timeout: 30_000 }).toContain('stays open until you press Ctrl-C')
      const [, address = ''] = /Ctrl-C: (http\S+)/.exec(shown)!
      const { state } = await new FeedReader(address).until(({ state }) => state.phase === 'ended')
      expect(terminal.exitCode).toBeNull()
      terminal.stdin.write('\x03')
      const [code] = (await once(terminal, 'exit')) as [number]
      expect(code).toBe(state.end!.exitCode)
    },
  )

  it('refuses a port without a page, one that is taken, and a page of one iteration', async ({ onTestFinished }) => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise(resolve => server.once('listening', resolve))
    const port = String((server.address() as AddressInfo).port)
    const [without, taken, iteration] = await Promise.all([
      loadcell(['run', scenario('1s'), '--ui-port', '8080']),
      loadcell(['run', scenario('1s'), '--ui', '--ui-port', port]),
      loadcell(['run', scenario('1s'), '--ui', '--once']),
    ])
    expect(without).toMatchObject({ code: 104, output: expect.stringContaining('--ui-port is for --ui') })
    expect(taken).toMatchObject({ code: 104, output: expect.stringContaining('EADDRINUSE') })
    expect(iteration).toMatchObject({ code: 104, output: expect.stringContaining('so that --ui would mean nothing') })
  })
})
