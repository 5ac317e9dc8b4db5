import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

/** On a busy machine the generator may be late, and the run then ends with 98. The assertions must hold all the same. */
const ranToItsEnd = [0, 98]

let server: Server
let url: string
/** Number of requests by run id and path. */
const seen = new Map<string, number>()
/** Resolve when the setup, and the teardown, that Ctrl-C interrupts have begun. */
const begun = Promise.withResolvers<void>()
const ending = Promise.withResolvers<void>()

beforeAll(async () => {
  server = createServer((request, response) => {
    const key = `${String(request.headers['x-loadcell-run']).replace(/^.*-[0-9a-f]{8}/, '')} ${request.url}`
    seen.set(key, (seen.get(key) ?? 0) + 1)
    if (request.url === '/hangs/early') begun.resolve()
    if (request.url === '/ending') ending.resolve()
    if (request.url !== '/hangs' && request.url !== '/hangs/early') response.end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** @param name stands in the paths that it requests */
const scenarioOf = (name: string, fields: string, iterate = `http.get('/${name}/used')`) =>
  writeScenario(`
    import { scenario, user } from 'loadcell'
    export default scenario({
      ${fields},
      load: { executor: 'per-vu-iterations', vus: 1, iterations: 3 },
      users: [user('u', { think: '5ms', iterate: ({ http, shared, sleep }) => ${iterate} })],
      teardown: ({ http }) => http.get('/${name}/cleaned'),
    })`)

describe('setup and teardown', () => {
  it('run once each around the run, apart from its numbers, and both ends agree', async () => {
    const scenario = writeScenario(`
      import { type Page, type Product, scenario, type SetupContext, user } from 'loadcell'
      async function prepare({ http, auth }: SetupContext) {
        await auth.login('loadtest+1@example.com', 'TestPassword123!')
        const { items } = (await http.get('/api/v1/products?limit=3')).json<Page<Product>>()
        await http.get('/no/such/path')
        return { ids: items.map(({ id }) => id) }
      }
      export default scenario({
        setup: prepare,
        load: { executor: 'per-vu-iterations', vus: 2, iterations: 3 },
        users: [user('u', { think: '5ms', async iterate({ http, shared, check }) {
          const { ids } = shared(prepare)
          const first: number = ids[0]!
          check(ids, { 'are frozen': Object.isFrozen, 'are three': ({ length }) => length === 3 })
          await http.get('/api/v1/products/' + first)
        } })],
        teardown: ({ http, shared }) => http.get('/api/v1/products/' + shared(prepare).ids[2]),
        thresholds: { http_reqs: ['count==6'], http_req_failed: ['rate==0'], checks: ['rate==1'] },
      })`)
    const out = scratchFolder()
    const { code, output } = await loadcell(['run', scenario, '--warmup', '200ms', '--out', out])
    const { thresholds, stages, reconciliation, totals } = readResult(out)
    expect(thresholds.map(({ state }) => state)).toEqual(['passed', 'passed', 'passed'])
    expect(reconciliation.state).toBe('agrees')
    expect(totals.tokens.issued).toBe(0)
    expect(stages).toMatchObject({
      setup: { state: 'completed', requests: 3, failedRequests: 1, errors: [{ reason: 'status', status: 404 }] },
      teardown: { state: 'completed', requests: 1, failedRequests: 0 },
    })
    expect(output).toMatch(/setup +3 requests, 1 failed in .* · an unexpected status/)
    expect(output).toMatch(/teardown +1 request in/)
    expect(output.match(/^\w+ …$/gm)).toEqual(['setup …', 'teardown …'])
    expect(ranToItsEnd).toContain(code)
  })

  it.each([
    [
      'throws',
      'throws',
      `setup() { throw new Error('no data') }`,
      /The setup threw Error: no data \(scenario\.ts:\d+\)/,
    ],
    [
      'does not end',
      'hangs',
      `setup: ({ http }) => http.get('/hangs'), setupTimeout: '300ms'`,
      /The setup did not end within 300ms; setupTimeout sets another limit/,
    ],
    [
      'ignores its end',
      'spins',
      `async setup({ http }) { for (;;) await http.get('/spin') }, setupTimeout: '300ms'`,
      /The setup did not end within 300ms/,
    ],
    [
      'returns a function',
      'function',
      `setup: () => ({ users: [{ send() {} }] })`,
      /cannot be shared: result\.users\[0\]\.send: expected JSON, which workers can share, got a function/,
    ],
    [
      'returns a response',
      'response',
      `setup: ({ http }) => http.get('/x')`,
      /cannot be shared: result: .* got an instance of Response; return the data in it/,
    ],
    ['ends the process', 'exits', `setup() { process.exit(0) }`, /the scenario called process\.exit\(0\)/],
  ])('send no load if the setup %s, but clean up', async (_name, name, setup, said) => {
    const out = scratchFolder()
    const { code, output } = await loadcell([
      'run',
      scenarioOf(name, setup),
      '--target',
      url,
      '--identify',
      '--identify',
      '--out',
      out,
    ])
    expect(output.replaceAll(/\s+/g, ' ')).toMatch(said)
    expect(code).toBe(104)
    expect(readResult(out).totals.requests).toBe(0)
    expect([
      seen.get(` /${name}/used`),
      seen.get(`~warmup /${name}/used`),
      seen.get(`~teardown /${name}/cleaned`),
    ]).toEqual([undefined, undefined, 1])
  })

  it('clean up after Ctrl-C in the middle of the run, and in the middle of the setup', async () => {
    const inRun = startLoadcell([
      'run',
      scenarioOf('run', `setup: ({ http }) => void http.get('/run/set')`, `sleep('60s')`),
      '--target',
      url,
      '--identify',
      '--warmup',
      '0',
    ])
    await inRun.said(/running/)
    inRun.child.kill('SIGINT')
    const inSetup = startLoadcell([
      'run',
      scenarioOf('early', `setup: ({ http }) => http.get('/hangs/early')`),
      '--target',
      url,
      '--identify',
    ])
    await begun.promise
    inSetup.child.kill('SIGINT')
    expect((await inRun.finished).code).toBe(105)
    expect((await inSetup.finished).code).toBe(105)
    expect([seen.get('~teardown /run/cleaned'), seen.get('~teardown /early/cleaned')]).toEqual([1, 1])
  })

  it('keep the outcome of the run if Ctrl-C comes during the teardown, which goes on', async () => {
    const scenario = writeScenario(`
      import good from ${JSON.stringify(scenarioOf('whole', `setup() {}`))}
      export default { ...good, async teardown({ http, sleep }) {
        await http.get('/ending')
        await sleep('1s')
        await http.get('/ended')
      } }`)
    const out = scratchFolder()
    const run = startLoadcell(['run', scenario, '--target', url, '--identify', '--warmup', '0', '--out', out])
    await ending.promise
    run.child.kill('SIGINT')
    const { code } = await run.finished
    expect(readResult(out)).toMatchObject({
      outcome: { state: 'completed' },
      stages: { teardown: { state: 'completed', requests: 2 } },
    })
    expect(ranToItsEnd).toContain(code)
  })

  it('report a teardown that fails without a change of the verdict', async () => {
    const scenario = scenarioOf('kept', `setup() {}`)
    const failing = writeScenario(`
      import good from ${JSON.stringify(scenario)}
      export default { ...good, teardown() { throw new Error('still there') } }`)
    const out = scratchFolder()
    const { code, output } = await loadcell([
      'run',
      failing,
      '--target',
      url,
      '--identify',
      '--identify',
      '--warmup',
      '0',
      '--out',
      out,
    ])
    expect(output).toMatch(/PASSED[^]*The teardown threw Error: still there[^]*\nloadcell: The teardown threw Error/)
    expect(readResult(out).stages?.teardown).toMatchObject({ state: 'failed' })
    expect(ranToItsEnd).toContain(code)
  })

  it('do not run if the target cannot be reached', async () => {
    const scenario = scenarioOf('gone', `setup() { console.log('SET UP') }`)
    const { code, output } = await loadcell(['run', scenario, '--target', 'http://127.0.0.1:9'])
    expect(code).toBe(97)
    expect(output).not.toMatch(/SET UP|teardown/)
  })

  it('run with --once as well, which shows their requests', async () => {
    const scenario = scenarioOf('once', `async setup({ http }) { await http.get('/once/set'); return { n: 1 } }`)
    const { code, output } = await loadcell(['run', scenario, '--once', '--target', url, '--identify'])
    expect(output).toMatch(
      /^setup\n {2}GET .*\/once\/set\n[^]*\nu · iterate\n {2}GET .*\/once\/used\n[^]*\nteardown\n {2}GET .*\/once\/cleaned\n/m,
    )
    expect(code).toBe(0)
    expect(seen.get('~teardown /once/cleaned')).toBe(1)
  })

  it.each([
    [`setup: 3`, /setup: expected a function, got 3/],
    [`setup() {}, setupTimeout: 'soon'`, /setupTimeout: expected a duration/],
    [`setupTimeout: '5s'`, /setupTimeout: there is no setup/],
  ])('are checked before any load is sent: %s', async (fields, said) => {
    const { code, output } = await loadcell(['run', scenarioOf('bad', fields), '--target', url, '--identify'])
    expect(output).toMatch(said)
    expect(code).toBe(104)
  })

  it('say which setup a user asks for, if it is not that of the scenario', async () => {
    const scenario = scenarioOf('other', `setup: function mine() {}`, `shared(function other() { return 1 })`)
    const { output } = await loadcell(['run', scenario, '--target', url, '--identify', '--warmup', '0'])
    expect(output.replaceAll(/\s+/g, ' ')).toContain(
      'shared(other): expected the setup of the scenario, mine, got another function',
    )
  })
})
