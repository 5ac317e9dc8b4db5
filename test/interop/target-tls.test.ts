import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { secureTarget } from '../e2e/target/secure.ts'
import { hasLocust, runLocust } from './locust.ts'

/** Whether there is this program; if not, that is said aloud. @throws Error in CI, where nothing may be skipped. */
function has(program: string, argument: string, pack: string): boolean {
  if (spawnSync(program, [argument]).error === undefined) return true
  const why = `there is no ${program} (apt install ${pack})`
  if (process.env['CI'] === 'true') throw new Error(why)
  process.stderr.write(`\n!!! SKIPPED: ${why}. The target was not tested with it.\n\n`)
  return false
}

const folder = mkdtempSync(join(tmpdir(), 'loadcell-target-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a program to its end, without blocking the target in this process. */
async function run(program: string, args: string[], input = ''): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

const rules = [
  { id: 'torn', match: { header: { 'x-fault': 'torn' } }, fault: { type: 'reset' } },
  { id: 'short', match: { header: { 'x-fault': 'short' } }, fault: { type: 'close_early', afterBytes: 50 } },
]

describe.skipIf(!has('curl', '--version', 'curl'))('curl', async () => {
  const target = await secureTarget({ 'faults.rules': JSON.stringify(rules) })
  const ca = join(folder, 'curl.pem')
  writeFileSync(ca, target.tls!.trusted)
  const curl = (...args: string[]) => run('curl', ['-sS', '--cacert', ca, ...args])

  test.each([
    ['--http2', '2', [92, 92]],
    ['--http1.1', '1.1', [56, 18]],
  ])('with %s speaks HTTP/%s, and sees faults as documented', async (flag, version, codes) => {
    const whole = await curl(flag, '-o', '/dev/null', '-w', '%{http_version} %{http_code}', `${target.url}/products/1`)
    expect(whole.output).toBe(`${version} 200`)
    const faulty = await Promise.all(
      ['torn', 'short'].map(fault => curl(flag, '-H', `x-fault: ${fault}`, `${target.url}/products/1`)),
    )
    expect(faulty.map(({ code }) => code)).toEqual(codes)
  })

  test('refuses the target without its authority', async () => {
    expect((await run('curl', ['-sS', `${target.url}/products/1`])).code).toBe(60)
  })

  test('posts a large body over HTTP/2, and reads its refusal', async () => {
    const body = join(folder, 'body')
    writeFileSync(body, Buffer.alloc(3_000_000, 32))
    const sent = ['-X', 'POST', '-H', 'content-type: application/json', '--data-binary', `@${body}`]
    const { output } = await curl('--http2', ...sent, '-o', '/dev/null', '-w', '%{http_code}', `${target.url}/orders`)
    expect(output).toBe('413')
  })
})

describe.skipIf(!has('openssl', 'version', 'openssl'))('openssl s_client', async () => {
  const target = await secureTarget()
  const ca = join(folder, 'openssl.pem')
  writeFileSync(ca, target.tls!.trusted)
  const connect = (...args: string[]) =>
    run('openssl', ['s_client', '-connect', `127.0.0.1:${target.port}`, '-CAfile', ca, ...args], 'Q\n')

  test('verifies the certificate for its address, and is offered h2', async () => {
    const { output } = await connect('-verify_return_error', '-verify_ip', '127.0.0.1', '-alpn', 'h2,http/1.1')
    expect(output).toContain('Verify return code: 0 (ok)')
    expect(output).toContain('ALPN protocol: h2')
  })

  test.each(['-tls1_2', '-tls1_3'])('completes a handshake with %s', async version => {
    expect((await connect(version)).output).toContain('Verify return code: 0 (ok)')
  })
})

describe.skipIf(!has('h2load', '--version', 'nghttp2-client'))('h2load', async () => {
  const target = await secureTarget()

  test('gets an answer to each request, and the ledger counts as many', async () => {
    const { output } = await run('h2load', ['-n', '2000', '-c', '10', '-m', '50', `${target.url}/products/1`])
    expect(output).toContain('2000 succeeded, 0 failed, 0 errored, 0 timeout')
    expect(output).toContain('Application protocol: h2')
    expect(await target.account('products.get')).toMatchObject({ arrivals: 2000, statuses: { 200: 2000 }, aborted: 0 })
  })
})

describe.skipIf(!hasLocust())('Locust over TLS', async () => {
  const target = await secureTarget()
  const ca = join(folder, 'locust.pem')
  writeFileSync(ca, target.tls!.trusted)

  test('counts as many requests as the ledger', async () => {
    const load = { users: 5, usersPerSecond: 5, seconds: 4 }
    const locust = await runLocust('task_board.py', target.url, load, { REQUESTS_CA_BUNDLE: ca })
    expect(locust.failures, locust.output).toBe(0)
    for (const [operation, count] of locust.requests) {
      expect((await target.account(operation)).arrivals, operation).toBe(count)
    }
    expect(locust.requests.size).toBeGreaterThan(0)
  })
})
