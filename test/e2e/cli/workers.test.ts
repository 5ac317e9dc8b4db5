import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { headers } from '../../../contract/headers.ts'
import { readResult, scratchFolder, type Started, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const quick = ['--warmup', '0', '--quiet', '--seed', '3']

/** Workers are child processes, so that they can tell their ids. */
const TELL_ID = "if (process.send) console.log('worker is', process.pid)"

/** Users that go on for some seconds, at a target of its own. */
const lasting = (duration: string) =>
  writeScenario(`import { scenario, user } from 'loadcell'
${TELL_ID}
export default scenario({
  load: { executor: 'constant-vus', vus: 6, duration: '${duration}' },
  users: [user('visitor', { think: '20ms', iterate: ({ http }) => http.get('/api/v1/products/7') })],
})
`)

async function workersOf(started: Started, count: number): Promise<number[]> {
  await started.said(new RegExp(`(worker is \\d+[^]*){${count}}`))
  return [...started.output().matchAll(/worker is (\d+)/g)].map(([, pid]) => Number(pid))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Lines of a summary end where the terminal does. */
const unwrapped = (text: string) => text.replaceAll(/\s+/g, ' ')

describe.concurrent('loadcell run --workers', () => {
  it('shares the load between processes, which know what the setup returned, and agrees with the ledger', async () => {
    const scenario = writeScenario(`import { counter, scenario, user, variables } from 'loadcell'
const vars = variables({ apiSecret: { default: 'open-sesame', secret: true }, region: 'eu' })
const sold = counter('sold', { unit: 'items', description: 'Items.' })
const prepare = async ({ http }) => ({ status: (await http.get('/api/v1/products/1')).status })
export default scenario({
  setup: prepare,
  metrics: [sold],
  load: { executor: 'constant-arrival-rate', rate: 60, duration: '1500ms' },
  users: [user('visitor', {
    async iterate({ http, shared, check, record, random }) {
      const { status } = await http.get('/api/v1/products/7')
      check(status, { 'is prepared': () => shared(prepare).status === 200 && vars.region === 'us' })
      record(sold, 1)
      if (random.next() < 0.1) setTimeout(() => { throw new Error('astray') })
      if (random.next() < 0.1) throw new Error('seen: ' + vars.apiSecret)
    },
  })],
  thresholds: { checks: ['rate==1'], sold: ['count==90'], http_reqs: ['count==90'] },
})
`)
    const out = scratchFolder()
    const options = [...quick, '--warmup', '300ms', '--var', 'region=us', '--report', 'markdown']
    const { code, output } = await loadcell(['run', scenario, '--workers', '2', ...options, '--out', out])
    expect(output).toMatch(/PASSED/)
    expect(output).toMatch(/harness and ledger agree/)
    expect(output).toMatch(/workers +2 · \d+(?:–\d+)? requests each/)
    expect(output).not.toContain('open-sesame')
    expect(code).toBe(0)
    const result = readResult(out)
    expect(result.stages?.setup?.requests).toBe(1)
    expect(result.workers?.map(({ worker, requests }) => [worker, requests])).toEqual([
      [1, 45],
      [2, 45],
    ])
    expect(new Set(result.workers?.map(({ pid }) => pid)).size).toBe(2)
    expect(result.errors.find(({ name }) => name === 'visitor: iterate')?.example).toContain('seen: ***')
    expect(result.errors.find(({ name }) => name === '(outside of any iteration)')?.example).toContain('astray')
    expect(JSON.stringify(result)).not.toContain('open-sesame')
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('id="workers"')
  })

  it('sends the same requests with 1 and with 2 processes', async () => {
    const received: string[][] = []
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', chunk => (body += String(chunk)))
      request.on('end', () => {
        const key = request.headers[headers.exchange.toLowerCase()]
        if (request.url?.startsWith('/orders')) received.at(-1)!.push(`${request.url} ${key as string} ${body}`)
        response.end()
      })
    })
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const scenario = writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'per-vu-iterations', vus: 5, iterations: 6 },
  users: [user('buyer', {
    iterate: ({ http, random, vu }) => http.post('/orders/' + vu.id, { json: { draw: random.next() } }),
  })],
})
`)
    try {
      for (const workers of ['1', '2']) {
        received.push([])
        const options = ['--target', target, '--identify', '--workers', workers]
        await loadcell(['run', scenario, ...quick, ...options, '--out', scratchFolder()])
      }
    } finally {
      server.close()
    }
    expect(received[0]).toHaveLength(30)
    expect(received[1]!.toSorted()).toEqual(received[0]!.toSorted())
  })

  it('names a worker that was killed, ends the run, and says why the ledger has more', async () => {
    const out = scratchFolder()
    const started = startLoadcell(['run', lasting('20s'), '--workers', '2', ...quick, '--out', out])
    const [first] = await workersOf(started, 2)
    await sleep(3500)
    process.kill(first!, 'SIGKILL')
    const { code, output } = await started.finished
    expect(output).toMatch(/Note: Worker [12] of 2 was lost .*: its process ended with SIGKILL/)
    expect(unwrapped(output)).toMatch(/INVALID Worker [12] of 2 was lost/)
    expect(unwrapped(output)).toMatch(/worker [12] of 2 was lost, with 3 users, and counts until/)
    expect(code).toBe(98)
    const { outcome, workers, reconciliation, run } = readResult(out)
    expect(outcome.state).toBe('worker_lost')
    expect(run.durationMs).toBeLessThan(15_000)
    const lost = workers!.filter(row => row.lost !== undefined)
    expect(lost).toMatchObject([{ lost: { detail: 'its process ended with SIGKILL', users: 3 } }])
    if (reconciliation.state !== 'agrees')
      expect(reconciliation.summary).toMatch(/not reconciled: worker [12] did not report what was sent last/)
  })

  it('goes on without a worker that hangs with --on-worker-loss continue, and counts its part of the load as lost', async () => {
    const out = scratchFolder()
    const options = ['--workers', '2', '--on-worker-loss', 'continue', '--warmup', '0', '--seed', '3', '--out', out]
    // It is found lost after five seconds; the others must still be at work then, however late each second of a busy machine is.
    const started = startLoadcell(['run', lasting('18s'), ...options])
    const [first] = await workersOf(started, 2)
    await started.said(/^running/m)
    process.kill(first!, 'SIGSTOP')
    const { code, output } = await started.finished
    expect(output).toMatch(/worker [12] silent for \ds/)
    expect(unwrapped(output)).toMatch(/Did every worker stay to the end\? worker [12] of 2 was lost, with 3 users/)
    expect(code).toBe(98)
    const { outcome, validity, workers } = readResult(out)
    expect(outcome.state).toBe('completed')
    expect(validity.state).toBe('invalid')
    const lost = workers!.find(row => row.lost !== undefined)!
    expect(lost.lost!.detail).toBe('nothing came from it for 5 s')
    expect(lost.lost!.share).toBeGreaterThan(0.01)
    expect(workers!.find(row => row.lost === undefined)!.requests).toBeGreaterThan(lost.requests)
    // It does not go on unseen.
    expect(isAlive(first!)).toBe(false)
  })

  it('stops all workers gracefully at an interrupt that reaches every process, and reports the run', async () => {
    const out = scratchFolder()
    const started = startLoadcell(['run', lasting('60s'), '--workers', '2', '--warmup', '0', '--out', out])
    const pids = await workersOf(started, 2)
    await started.said(/^running/m)
    for (const pid of [...pids, started.child.pid!]) process.kill(pid, 'SIGINT')
    const { code, output } = await started.finished
    expect(output).toMatch(/INTERRUPTED/)
    expect(output).toMatch(/harness and ledger agree/)
    expect(code).toBe(105)
    expect(readResult(out).workers).toHaveLength(2)
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('leaves no worker behind when its coordinator is killed', async () => {
    const started = startLoadcell(['run', lasting('60s'), '--workers', '2', '--warmup', '0', '--out', scratchFolder()])
    const pids = await workersOf(started, 2)
    await started.said(/^running/m)
    started.child.kill('SIGKILL')
    await started.finished
    for (let attempt = 0; attempt < 100 && pids.some(isAlive); attempt++) await sleep(100)
    expect(pids.filter(isAlive)).toEqual([])
  })

  it('ends the run when the scenario calls process.exit in a worker, and says where', async () => {
    const scenario = writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-vus', vus: 2, duration: '30s' },
  users: [user('visitor', { think: '50ms', iterate({ vu }) { if (vu.id === 1 && vu.iteration === 5) process.exit(3) } })],
})
`)
    const { code, output } = await loadcell(['run', scenario, '--workers', '2', ...quick, '--out', scratchFolder()])
    expect(unwrapped(output)).toMatch(/FAILED The run was ended by ProcessExit: the scenario called process\.exit\(3\)/)
    expect(code).toBe(104)
  })

  it('judges thresholds over all workers, and ends all of them when one demands it', async () => {
    const scenario = writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-vus', vus: 4, duration: '30s' },
  users: [user('visitor', { think: '20ms', iterate: ({ http }) => http.get('/api/v1/products/7') })],
  thresholds: { http_reqs: [{ threshold: 'count<100', abortOnFail: true }] },
})
`)
    const out = scratchFolder()
    const { code } = await loadcell(['run', scenario, '--workers', '2', ...quick, '--out', out])
    const { outcome, totals, workers } = readResult(out)
    expect(outcome.state).toBe('aborted_by_threshold')
    expect(workers!.every(({ requests }) => requests > 0 && requests < totals.requests)).toBe(true)
    expect([98, 99]).toContain(code)
  })

  it('rejects more workers than users, a load that depends on chance, and what is no number', async () => {
    const folder = scratchFolder()
    const many = await loadcell(['run', lasting('1s'), '--workers', '7', ...quick, '--out', folder])
    expect(many.output).toMatch(/--workers 7: the load has users and arrivals for 6 workers only/)
    expect(many.output).toContain('Give at most 6, or auto.')
    expect(many.code).toBe(104)
    const scenario = writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'per-vu-iterations', vus: 5 + Math.floor(1e6 * Math.random()) % 1000, iterations: 1 },
  users: [user('visitor', { iterate: ({ http }) => http.get('/api/v1/products/7') })],
})
`)
    const random = await loadcell(['run', scenario, '--workers', '2', ...quick, '--out', folder])
    expect(random.output).toMatch(/Workers 1 and 2 would run different loads/)
    expect(random.code).toBe(104)
    const none = await loadcell(['run', scenario, '--workers', 'some', '--out', folder])
    expect(none.output).toContain('expected auto or an integer 1…256, got "some"')
    expect(none.code).toBe(104)
  })
})
