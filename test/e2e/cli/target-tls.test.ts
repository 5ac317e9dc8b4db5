import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { describe, expect, test } from 'vitest'
import { readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const scenario = (fields = '') => `
  import { scenario, user } from 'loadcell'
  export default scenario({
    warmup: 0,
    ${fields}
    load: { executor: 'per-vu-iterations', vus: 3, iterations: 4 },
    users: [user('u', { iterate: ({ http }) => http.get('/products/1') })],
    thresholds: { http_req_failed: ['rate==0'] },
  })`

/** Exit codes of a completed run: on a busy machine it may be invalid. */
const COMPLETED = [0, 98]

describe('loadcell target --tls', () => {
  test('prints its fingerprint, writes its authority, answers over HTTP/2, and shows no key', async ({
    onTestFinished,
  }) => {
    const caFile = join(scratchFolder(), 'ca.pem')
    const target = startLoadcell(['target', '--port', '0', '--tls', '--tls-ca', caFile])
    onTestFinished(() => void target.child.kill('SIGKILL'))
    await target.said(/SHA-256 of its certificate: ([0-9A-F]{2}:){31}[0-9A-F]{2}/)
    const url = /listening on (https\S+)/.exec(target.output())![1]!
    const dispatcher = new Agent({ allowH2: true, connect: { ca: readFileSync(caFile, 'utf8') } })
    const { statusCode } = await request(`${url}/readyz`, { dispatcher })
    expect(statusCode).toBe(200)
    await dispatcher.close()
    target.child.kill('SIGTERM')
    const { code, output } = await target.finished
    expect(code).toBe(0)
    expect(output).not.toContain('PRIVATE KEY')
  })

  test('says what is wrong with a certificate that it cannot read', async () => {
    const { code, output } = await loadcell(['target', '--tls', '--port', '0', '--set', 'tls.cert=none.pem'])
    expect(code).toBe(104)
    expect(output).toContain('tls.cert: none.pem cannot be read')
  })
})

describe('loadcell run against the embedded target over TLS', () => {
  const run = async (fields: string, flags: string[]) => {
    const out = join(scratchFolder(), 'out')
    const args = ['run', writeScenario(scenario(fields)), '--quiet', '--out', out, '--report', 'markdown', ...flags]
    const { code, output } = await loadcell(args)
    return { code, output, result: () => readResult(out) }
  }

  test('trusts it without an option, and speaks HTTP/1.1 unless it is told otherwise', async () => {
    const { code, output, result } = await run('', ['--target-set', 'tls.enabled=true'])
    expect(COMPLETED, output).toContain(code)
    expect(result().totals).toMatchObject({ requests: 12, http2Requests: 0, failedRequests: 0 })
    expect(result().totals.tlsHandshaking?.count).toBeGreaterThan(0)
    expect(result().reconciliation.state).toBe('agrees')
  })

  test('speaks HTTP/2 with --http-version, on one connection, and reconciles to zero', async () => {
    const { code, output, result } = await run(`target: { 'tls.enabled': true },`, ['--http-version', '2'])
    expect(COMPLETED, output).toContain(code)
    expect(result().totals).toMatchObject({ requests: 12, http2Requests: 12, failedRequests: 0 })
    expect(result().totals.connecting?.count).toBe(1)
    expect(result().reconciliation.state).toBe('agrees')
    expect(result().run.overrides).toMatchObject({ httpVersion: '2' })
  })

  test('reconciles to zero over HTTP/2 with faults that end streams', async () => {
    const rules = [
      { id: 'torn', share: 0.5, fault: { type: 'reset' } },
      { id: 'short', share: 0.3, fault: { type: 'close_early', afterBytes: 50 } },
      { id: 'down', share: 0.3, fault: { type: 'status', status: 503 } },
    ]
    const fields = `target: { 'tls.enabled': true }, http: { version: '2' }, faults: { rules: ${JSON.stringify(rules)} },`
    const { output, result } = await run(fields, ['--seed', '5'])
    const { reconciliation, totals, errors } = result()
    expect(reconciliation.state, output).toBe('agrees')
    expect(totals.failedRequests).toBeGreaterThan(0)
    expect(errors.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['reset', 'closed']))
  })

  test('opens more connections where a scenario allows fewer requests on each', async () => {
    const fields = `target: { 'tls.enabled': true }, http: { version: 'auto', maxStreamsPerConnection: 1 },`
    const { code, output, result } = await run(fields, [])
    expect(COMPLETED, output).toContain(code)
    expect(result().totals).toMatchObject({ http2Requests: 12, failedRequests: 0 })
    expect(result().totals.connecting?.count).toBeGreaterThan(1)
  })
})
