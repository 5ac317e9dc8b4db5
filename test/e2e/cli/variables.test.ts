import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadcell, readResult, scratchFolder, writeScenario } from './loadcell.ts'

const scenario = (declared: string) =>
  writeScenario(`
    import { scenario, user, variables } from 'loadcell'
    const vars = variables(${declared})
    export default scenario({
      load: { executor: 'per-vu-iterations', vus: Number(vars.users), iterations: 2 },
      users: [user('u', { think: '5ms', iterate: ({ http }) => http.get('/' + String(vars.path), { headers: { 'x-api-key': String(vars.apiKey) } }) })],
      thresholds: { 'http_reqs{name:/products}': ['count==' + 2 * Number(vars.users)] },
    })`)

const DECLARED = `{ users: 1, path: ['healthz', 'products'], apiKey: { type: 'text', secret: true } }`

describe('variables of a scenario', () => {
  it('are set by the command line and the environment, recorded without secrets, and repeated', async () => {
    const out = scratchFolder()
    const { output } = await loadcell(
      ['run', scenario(DECLARED), '--var', 'users=2', '--var', 'path=products', '--warmup', '0', '--out', out],
      { env: { LOADCELL_VAR_apiKey: 'never-shown-1', LOADCELL_VAR_pahts: 'x' } },
    )
    const { run, thresholds } = readResult(out)
    expect(thresholds.map(({ state, observed }) => [state, observed])).toEqual([['passed', 4]])
    expect(run.variables).toEqual({ users: 2, path: 'products', apiKey: '***' })
    expect(run.overrides?.variables).toEqual({ users: '2', path: 'products' })
    const page = readFileSync(join(out, 'report.html'), 'utf8')
    expect(page).toContain('--var users=2 --var path=products')
    expect(page + output + readFileSync(join(out, 'result.json'), 'utf8')).not.toContain('never-shown-1')
    expect(output).toContain(
      'Note: LOADCELL_VAR_pahts is no variable of this scenario; did you mean LOADCELL_VAR_path?',
    )
  })

  it('make runs that differ in them incomparable, unless it is forced', async () => {
    const out = scratchFolder()
    const file = scenario(DECLARED)
    const first = ['--var', 'path=products', '--var', 'apiKey=k', '--warmup', '0']
    await loadcell(['run', file, ...first, '--out', out])
    const baseline = ['--baseline', out, '--max-regression', 'http_req_failed rate 1%']
    const second = ['--var', 'path=products', '--var', 'apiKey=k', '--var', 'users=2', '--warmup', '0']
    const { code, output } = await loadcell(['run', file, ...second, ...baseline])
    expect(output).toMatch(/variables: users=1|variables.*apiKey=\*\*\*, path=products, users=1/)
    expect(code).toBe(104)
  })

  it.each([
    [
      DECLARED,
      ['--var', 'apiKey=k', '--var', 'user=2'],
      /--var user: there is no such variable; did you mean "users"\?\n {2}Its variables: users \(number, default 1\), path \(healthz or products, default "healthz"\), apiKey \(text, secret, required\)/,
    ],
    [DECLARED, [], /apiKey has no default: give --var apiKey=…, or set LOADCELL_VAR_apiKey/],
    [DECLARED, ['--var', 'apiKey=k', '--var', 'users=many'], /--var users: expected a number, got "many"/],
    [DECLARED, ['--var', 'apiKey=k', '--var', 'users=1', '--var', 'users=2'], /--var users is given twice/],
    [DECLARED, ['--var', 'apiKey'], /--var: expected name=value, got a text without =/],
    [DECLARED, ['--var', '=k'], /--var: expected name=value, got no name/],
    [`{ 'a-b': 1 }`, [], /"a-b": expected a name of letters, digits and _/],
  ])('are checked before any load is sent: %s with %j', async (declared, options, said) => {
    const { code, output } = await loadcell(['run', scenario(declared), ...options])
    expect(output).toMatch(said)
    expect(code).toBe(104)
  })

  it('are rejected for a scenario that declares none', async () => {
    const { code, output } = await loadcell(['run', 'browse', '--var', 'a=1'])
    expect(output).toMatch(/--var a: there is no such variable\n {2}It has none/)
    expect(code).toBe(104)
  })

  it('work with capacity as well', async () => {
    const options = ['--slo', 'http_req_failed rate<1', '--var', 'user=1', '--var', 'apiKey=k']
    const { code, output } = await loadcell(['capacity', scenario(DECLARED), ...options])
    expect(output).toMatch(/--var user: there is no such variable; did you mean "users"\?/)
    expect(code).toBe(104)
  })
})
