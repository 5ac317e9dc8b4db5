import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import type { RunResult } from '../../../harness/results/run-result.ts'
import { testTarget } from '../target/support.ts'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const main = resolve(import.meta.dirname, '../../../cli/main.js')
let server: Server
let sockets: WebSocketServer
let url: string

/** Answers slowly, so that many connections are open at once. Requests to /broken fail, and streams stay open. */
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/broken') response.writeHead(500).end()
    else if (request.url === '/stream')
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n')
    else if (request.url === '/slow') setTimeout(() => response.end('ok'), 800)
    else if (request.url?.startsWith('/stamped/')) stamped(request.url.slice(9), response)
    else response.end('ok')
  })
  sockets = new WebSocketServer({ server })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  sockets.close()
  server.closeAllConnections()
  server.close()
})

const stamps: Record<string, () => unknown> = {
  now: () => Date.now(),
  ahead: () => Date.now() + 3000,
  seconds: () => Date.now() / 1000,
  microseconds: () => Date.now() * 1000,
  text: () => new Date().toISOString(),
}

/** Sends ten events with timestamps of this kind. */
function stamped(kind: string, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (let offset = 0; offset < 10; offset++) {
    const event = { event_id: `e${offset}`, timestamp: stamps[kind]!(), stream: 'orders', partition: 0, offset }
    response.write(`id: ${offset}\ndata: ${JSON.stringify(event)}\n\n`)
  }
}

function scenarioOf(parts: { iterate: string; load?: string; thresholds?: string; before?: string }): string {
  const { iterate, load = "executor: 'constant-vus', vus: 2, duration: '1s'", thresholds = '{}', before = '' } = parts
  return writeScenario(`
    import { scenario, user } from 'loadcell'
    ${before}
    export default scenario({
      load: { ${load}, gracefulStop: '1s' },
      users: [user('member', { think: '200ms', ${iterate} })],
      thresholds: ${thresholds},
    })`)
}

interface Outcome {
  code: number | null
  output: string
  result: RunResult
}

async function run(scenario: string, target = url, extra: string[] = []): Promise<Outcome> {
  const out = join(scratchFolder(), 'out')
  const finished = await loadcell([
    'run',
    scenario,
    '--warmup',
    '0',
    '--quiet',
    '--target',
    target,
    '--out',
    out,
    ...extra,
  ])
  return { ...finished, result: readResult(out) }
}

/** Runs in a shell that may open only a few files. */
async function runWithFewFiles(scenario: string, target: string): Promise<Omit<Outcome, 'result'> & { out: string }> {
  const out = join(scratchFolder(), 'out')
  const args = ['run', scenario, '--warmup', '0', '--quiet', '--target', target, '--out', out]
  const child = spawn('bash', ['-c', 'ulimit -n 80; exec "$@"', '--', process.execPath, main, ...args])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += String(chunk)))
  const code = await new Promise<number | null>(done => child.once('close', done))
  return { code, output, out }
}

describe('a machine without files for more connections', () => {
  const crowd = "executor: 'constant-vus', vus: 120, duration: '3s'"
  it.each([
    ['requests', "async iterate({ http }) { await http.get('/slow') }"],
    ['streams', "async iterate({ sse }) { for await (const event of sse.open('/stream')) void event }"],
    ['WebSockets', "async iterate({ ws, sleep }) { await ws.open('/ws'); await sleep('1h') }"],
  ])('is blamed for %s that could not be opened', async (_, iterate) => {
    const { code, output, out } = await runWithFewFiles(scenarioOf({ iterate, load: crowd }), url)
    const result = readResult(out)
    expect(code).toBe(98)
    expect(output).toContain('ulimit -n')
    const failed = result.errors.filter(
      ({ example }) => example.includes('EMFILE') && !example.startsWith('Error: cannot'),
    )
    expect([...new Set(failed.map(({ reason }) => reason))]).toEqual(['exhausted'])
  })

  const before = `
    import { closeSync, openSync } from 'node:fs'
    const open = []
    setTimeout(() => { try { for (;;) open.push(openSync('/dev/null', 'r')) } catch {} }, 0)
    setTimeout(() => open.forEach(closeSync), 8000)`
  const iterate = "async iterate({ http }) { await http.get('/slow') }"

  it.each([
    ['an address', (address: string) => address],
    ['a name', (address: string) => address.replace('127.0.0.1', 'localhost')],
  ])('is blamed when not even %s can be probed', async (_, named) => {
    const { code, output } = await runWithFewFiles(scenarioOf({ iterate, before }), named(url))
    expect(code).toBe(98)
    // The probe of an address may be quicker than the scenario that takes the files. Then the run itself lacks them.
    const outcomes =
      /INVALID (No connection to \S+ could be made: this machine|The machine of the load generator) ran out of .*EMFILE/
    expect(output.replaceAll(/\s+/g, ' ')).toMatch(outcomes)
    expect(output).toContain('ulimit -n')
    expect(output).not.toContain('cannot be reached')
  })
})

it('a run is invalid if a file has fewer rows than there are users, whatever its thresholds say', async () => {
  const scenario = scenarioOf({
    before: `import { jsonFeeder } from 'loadcell'
      const accounts = jsonFeeder(new URL('accounts.json', import.meta.url), { mode: 'unique' })`,
    load: "executor: 'constant-vus', vus: 3, duration: '1s'",
    iterate: "begin: context => accounts.next(context), iterate: ({ http }) => http.get('/x')",
    thresholds: "{ http_req_failed: ['rate==0'] }",
  })
  writeFileSync(join(dirname(scenario), 'accounts.json'), '["a", "b"]')
  const { code, output, result } = await run(scenario)
  expect(code).toBe(98)
  expect(output.replaceAll(/\s+/g, ' ')).toMatch(
    /INVALID Users had no row of their data and did nothing.*Did every user have a row of its data\?/,
  )
  expect(result.errors).toMatchObject([
    { reason: 'no_row', name: 'member: begin', example: expect.stringContaining('got 2 rows and a user 3') },
  ])
  expect(result.thresholds).toMatchObject([{ state: 'passed' }])
})

describe('timestamps of events', () => {
  const thresholds = "{ event_e2e_latency: ['p(99)<500'] }"
  const follow = (kind: string) =>
    run(
      scenarioOf({
        load: "executor: 'per-vu-iterations', vus: 1, iterations: 1",
        iterate: `async iterate({ sse }) { for await (const event of sse.open('/stamped/${kind}', { events: 10 })) void event }`,
        thresholds,
      }),
    )

  it.each([
    ['ahead', /10 were ahead of this machine’s clock.*NTP/],
    ['seconds', /10 were in seconds.*milliseconds since 1970/],
    ['microseconds', /10 were in microseconds.*milliseconds since 1970/],
  ])('make a run invalid and give no latency if they are wrong: %s', async (kind, told) => {
    const { code, output, result } = await follow(kind)
    expect(code).toBe(98)
    expect(output.replaceAll(/\s+/g, ' ')).toMatch(told)
    expect(result.thresholds[0]).toMatchObject({ state: 'no-data', samples: 0 })
    expect(result.totals.events).toMatchObject({ delivered: 10, e2e: { count: 0 } })
  })

  it.each(['now', 'text'])('give a latency if they are in milliseconds or ISO 8601: %s', async kind => {
    const { code, result } = await follow(kind)
    expect(code).toBe(0)
    expect(result.totals.events.e2e.count).toBe(10)
  })
})

describe('a run in which nothing succeeded', () => {
  it.each<[string, Parameters<typeof scenarioOf>[0], RegExp]>([
    ['every request', { iterate: "iterate: ({ http }) => http.get('/broken')" }, /None of \d+ requests succeeded/],
    [
      'the only request',
      {
        load: "executor: 'shared-iterations', vus: 1, iterations: 1, maxDuration: '5s'",
        iterate: "iterate: ({ http }) => http.get('/broken')",
      },
      /The only request failed; most frequent error/,
    ],
    [
      'every check',
      { iterate: "async iterate({ http, check }) { check(await http.get('/x'), { 'is gold': () => false }) }" },
      /No check passed in \d+ attempts \(is gold\).*checks ✗ never held, checked \d+ times · is gold/,
    ],
    [
      'every iteration',
      { iterate: 'iterate: () => new Promise(() => {})' },
      /Nothing was done.*iterations none completed · 2 cut off/,
    ],
  ])('fails, and says so: %s', async (_, parts, told) => {
    const { code, output } = await run(scenarioOf(parts))
    expect(output.replaceAll(/\s+/g, ' ')).toMatch(told)
    expect(code).toBe(99)
  })

  it.each([
    ["iterate: ({ http }) => http.get('/broken', { expect: 500 })", '{}'],
    ["iterate: ({ http }) => http.get('/broken')", "{ http_req_failed: ['rate>0.9'] }"],
  ])('passes if the scenario expects failures: %s', async (iterate, thresholds) => {
    expect((await run(scenarioOf({ iterate, thresholds }))).code).toBe(0)
  })
})

it('a run fails if every iteration of one kind of user throws, even if others succeed', async () => {
  const iterate =
    "iterate: ({ http }) => http.get('/x') }), user('broken', { think: '20ms', iterate: ({ nothing }) => nothing.get('/x')"
  const { code, output } = await run(scenarioOf({ iterate }))
  expect(output.replaceAll(/\s+/g, ' ')).toMatch(/Every iteration of the user broken threw: TypeError/)
  expect(code).toBe(104)
})

it.each([
  ['passes without a threshold for it', '{}', 0],
  ['fails by a threshold that demands an iteration', "{ 'iterations{user:chat}': ['count>0'] }", 99],
])('a run in which the service failed every iteration of one kind of user %s', async (_, thresholds, expected) => {
  const iterate =
    "iterate: ({ http }) => http.get('/x') }), user('chat', { iterate: ({ socketio }) => socketio.open('/chat', { timeout: '100ms' })"
  const { code, result } = await run(scenarioOf({ iterate, thresholds }))
  expect(result.errors).toMatchObject([{ reason: 'timeout', example: 'no packet opened the session' }])
  expect(code).toBe(expected)
})

describe('what both ends counted', () => {
  it('is compared in full however many names there are, and thresholds can select each name', async () => {
    const target = await testTarget()
    const { code, result } = await run(
      scenarioOf({
        load: "executor: 'shared-iterations', vus: 80, iterations: 400",
        before: 'let ordinal = 0',
        iterate:
          "async iterate({ http }) { const name = 'n' + ordinal++; await http.get('/api/v1/products/7', { name }) }",
        thresholds: "{ 'http_reqs{name:n390}': ['count==1'] }",
      }),
      target.url,
    )
    expect(result.reconciliation).toMatchObject({ state: 'agrees' })
    expect(result.thresholds[0]).toMatchObject({ state: 'passed', observed: 1 })
    expect([0, 98]).toContain(code)
  })

  it('agrees in spite of answers that are lost', async () => {
    const out = join(scratchFolder(), 'out')
    // With this seed, the preset affects the first event of one of the first six producers, however slow the machine is.
    const flags = [
      '--duration',
      '4s',
      '--warmup',
      '0',
      '--seed',
      '243',
      '--quiet',
      '--faults',
      'lost_answers',
      '--out',
      out,
    ]
    await loadcell(['run', 'mixed-streaming', ...flags])
    const { reconciliation, totals } = readResult(out)
    expect(reconciliation.rows.filter(({ difference }) => difference !== 0)).toEqual([])
    expect(reconciliation.state).toBe('agrees')
    expect(totals.events.unknown).toBeGreaterThan(0)
  })
})
