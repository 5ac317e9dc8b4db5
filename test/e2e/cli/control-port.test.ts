import { describe, expect, it } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const scenario = writeScenario(`
  import { scenario, user } from 'loadcell'
  export default scenario({
    load: { executor: 'per-vu-iterations', vus: 1, iterations: 5 },
    faults: { rules: [{ id: 'down', match: { path: '/products/1' }, fault: { type: 'status', status: 503 } }] },
    users: [user('u', { iterate: ({ http }) => http.get('/products/1') })],
    thresholds: { http_req_failed: ['rate==1'] },
  })`)

async function run(...flags: string[]) {
  const out = scratchFolder()
  const { code, output } = await loadcell(['run', scenario, '--warmup', '0', '--quiet', '--out', out, ...flags])
  return { code, output, result: () => readResult(out) }
}

describe('a target with a separate control port', () => {
  it('prints it, and faults and runs reach the control plane there', async ({ onTestFinished }) => {
    const port = await freePort()
    const target = startLoadcell(['target', '--port', '0', '--set', `control.port=${port}`])
    onTestFinished(() => void target.child.kill('SIGKILL'))
    const controlUrl = `http://127.0.0.1:${port}`
    await target.said(new RegExp(`Control plane and /metrics on ${controlUrl}\n`))
    const url = /listening on (http\S+)/.exec(target.output())![1]!

    expect(await loadcell(['faults', 'list', '--url', controlUrl])).toMatchObject({ code: 0 })
    const astray = await loadcell(['faults', 'list', '--url', url])
    expect(astray.code).toBe(104)
    expect(astray.output).toMatch(/the control plane of .* has a port of its own\n.*--url/)

    const { result } = await run('--target', url, '--control-url', controlUrl)
    expect(result()).toMatchObject({
      run: { targetUrl: url, controlUrl },
      reconciliation: { state: 'agrees' },
      thresholds: [{ state: 'passed' }],
    })
    const lost = await run('--target', url)
    expect(lost.output).toContain('name it with --control-url')
    expect(lost.result().outcome.state).toBe('scenario_failed')
  })

  it('can be the embedded target', async () => {
    const { result } = await run('--target-set', `control.port=${await freePort()}`)
    expect(result()).toMatchObject({ reconciliation: { state: 'agrees' }, thresholds: [{ state: 'passed' }] })
  })

  it('rejects --control-url without --target', async () => {
    const { code, output } = await run('--control-url', 'http://127.0.0.1:1')
    expect(code).toBe(104)
    expect(output).toMatch(/--control-url is for a target that is already running\n.*--target/)
  })

  it.each([
    ['capacity', ['browse', '--slo', 'http_req_failed rate<0.01'], '--target'],
    ['audit', ['--', 'true'], '--url'],
  ])('is rejected without its target by `loadcell %s` too, with the same words', async (command, args, flag) => {
    const { code, output } = await loadcell([command, '--control-url', 'http://127.0.0.1:1', ...args])
    expect(output).toContain('--control-url is for a target that is already running')
    expect(output).toContain(`Give the URL of that target with ${flag} as well.`)
    expect(code).toBe(104)
  })
})
