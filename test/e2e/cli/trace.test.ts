import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LedgerRecord } from '../../../contract/ledger-record.ts'
import { testTarget } from '../target/support.ts'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

/** One request is slow at the target. */
const source = `
import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'per-vu-iterations', vus: 1, iterations: 40 },
  users: [user('u', { async iterate({ http, vu }) {
    await http.get(vu.iteration === 7 ? '/products' : '/healthz')
  } })],
})`

const rules = [{ id: 'slow', match: { operation: 'products.list' }, fault: { type: 'delay', distribution: '300ms' } }]

const run = (...args: string[]) => ['run', writeScenario(source), '--warmup', '0', '--quiet', ...args]

describe('loadcell run --trace', () => {
  it('shows the slowest requests with their traces and times at both ends, of the embedded target too', async () => {
    const out = join(scratchFolder(), 'out')
    const { output } = await loadcell(
      run('--trace', '--report', 'markdown', '--out', out, '--target-set', `faults.rules=${JSON.stringify(rules)}`),
    )
    const {
      slowest = [],
      run: { overrides },
    } = readResult(out)
    expect(slowest, output).toHaveLength(10)
    const first = slowest.find(({ name }) => name === '/products')!
    expect(first).toMatchObject({
      name: '/products',
      status: 200,
      target: { operation: 'products.list', status: 200 },
    })
    expect(first.target!.lastByteMs).toBeGreaterThan(299)
    expect(first.responseMs).toBeGreaterThan(299)
    expect(slowest.every(({ target }) => target !== undefined)).toBe(true)
    expect(output).toMatch(/^slowest +[0-9a-f]{32}  .* m?s, target .* m?s\n +200 · .* · GET \/\w+$/m)
    expect(readFileSync(join(out, 'summary.md'), 'utf8')).toContain(`| \`${first.trace}\` | \`GET /products\` | 200 |`)
    expect(overrides?.trace).toBe(1)
  })

  it('names traces that the ledger of a running target has, and loadcell ledger --trace finds', async () => {
    const target = await testTarget({ 'ledger.details': 'true', 'faults.rules': JSON.stringify(rules) })
    const out = join(scratchFolder(), 'out')
    await loadcell(run('--trace', '50%', '--target', target.url, '--out', out))
    const {
      slowest = [],
      run: { id, overrides },
    } = readResult(out)
    expect(overrides?.trace).toBe(0.5)
    const { trace } = slowest.find(({ name }) => name === '/products')!
    const ledger = (...args: string[]) => loadcell(['ledger', '--url', target.url, '--run', id, ...args])
    expect((await ledger()).output).toMatch(new RegExp(`^GET /products .* 200 .* ${trace}$`, 'm'))
    expect((await ledger('--trace', trace)).output).toMatch(/^Records\nrequest .*\nGET \/products .* 200 +completed /)
    const record = JSON.parse((await ledger('--trace', trace, '--json')).output) as LedgerRecord
    expect(record.details?.trace).toBe(trace)
    expect((await ledger('--trace', trace.replace(/.{4}$/, '0000'))).output).toContain(
      'Is the setting ledger.details on',
    )
    expect(await ledger('--trace', 'nonsense')).toMatchObject({
      code: 104,
      output: expect.stringContaining('32 hexadecimal digits') as string,
    })
  })

  it('does without the times of a target that keeps no traces', async () => {
    const target = await testTarget()
    const out = join(scratchFolder(), 'out')
    const { output } = await loadcell(run('--trace', '--target', target.url, '--out', out))
    const { slowest = [] } = readResult(out)
    expect(slowest, output).toHaveLength(10)
    expect(slowest.every(request => !('target' in request))).toBe(true)
  })

  it('refuses what is no share, before any load', async () => {
    const { code, output } = await loadcell(run('--trace', '1.5'))
    expect({ code, output }).toEqual({
      code: 104,
      output: expect.stringContaining('expected a share such as 0.1 or 10%, got "1.5"') as string,
    })
  })
})
