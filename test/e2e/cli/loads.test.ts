import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const twoLoads = () =>
  writeScenario(`import { scenario, user } from 'loadcell'
const users = [user('visitor', { iterate: ({ http }) => http.get('/api/v1/products/7') })]
export default scenario({
  loads: {
    browse: { executor: 'constant-vus', vus: 3, duration: '1500ms', pacing: '50ms', users },
    sale: {
      executor: 'constant-arrival-rate', rate: 40, duration: '500ms', startTime: '1s', users,
      thresholds: { http_reqs: ['count==20', 'rate>20'] },
    },
  },
  thresholds: { 'http_req_failed{load:browse}': ['rate==0'] },
})
`)

const options = ['--warmup', '0', '--quiet', '--seed', '3']

describe.concurrent('a scenario with several loads', () => {
  it('runs them side by side, and shows each in the summary and the reports', async () => {
    const out = scratchFolder()
    const reports = ['--report', 'openmetrics', '--report', 'junit']
    const { code, output } = await loadcell(['run', twoLoads(), ...options, ...reports, '--out', out])
    expect(output).toMatch(/browse: 3 users for 1\.5s; sale: 40 iterations\/s for 500ms, from 1s on/)
    expect(output).toMatch(/loads +browse +0:00–0:01 · .* iterations\/s/)
    expect(output).toMatch(/✓ http_reqs\{load:sale\} count==20 +20/)
    expect(output).toMatch(/harness and ledger agree/)
    expect(code).toBe(0)
    const { loads, totals } = readResult(out)
    expect(loads).toMatchObject([
      { load: 'browse', peakUsers: 3 },
      { load: 'sale', fromMs: 1000, arrivals: { due: 20, dropped: 0 } },
    ])
    expect(loads!.reduce((sum, { requests }) => sum + requests, 0)).toBe(totals.requests)
    const metrics = readFileSync(join(out, 'openmetrics.txt'), 'utf8')
    expect(metrics).toMatch(/loadcell_iterations_total\{user="visitor",load="sale"\} 20/)
    expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toContain('Did every scheduled iteration of sale begin?')
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('data-chart="load-users"')
  })

  it('runs one of them with --only from the start on, with another rate, and says how to repeat that', async () => {
    const out = scratchFolder()
    const scenario = twoLoads()
    const { code, output } = await loadcell([
      'run',
      scenario,
      ...options,
      '--only',
      'sale',
      '--rate',
      '80',
      '--out',
      out,
    ])
    expect(output).toContain('sale: 80 iterations/s for 500ms')
    expect(output).toMatch(/✗ http_reqs\{load:sale\} count==20 +40/)
    expect(output).not.toContain('load:browse')
    expect(code).toBe(99)
    const { run, totals } = readResult(out)
    expect(run.plannedMs).toBe(500)
    expect(totals.iterations).toBe(40)
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('--only sale --rate 80')
  })

  it('can be stretched with --duration', async () => {
    const out = scratchFolder()
    await loadcell(['run', twoLoads(), ...options, '--duration', '750ms', '--out', out])
    expect(readResult(out).run.load).toBe('browse: 3 users for 750ms; sale: 40 iterations/s for 250ms, from 500ms on')
  })

  it('has a capacity only where --only leaves one load', async () => {
    const slo = ['--slo', 'http_req_duration p(95)<200']
    const refused = await loadcell(['capacity', twoLoads(), ...slo])
    expect(refused).toMatchObject({
      code: 104,
      output: expect.stringMatching(/it has several loads \(browse, sale\)[^]*Choose one with --only/) as string,
    })
    const bounds = ['--only', 'sale', '--max', '20', '--start', '20', '--probe', '2s', '--probes', '2', '--warmup', '0']
    const out = scratchFolder()
    const { output } = await loadcell(['capacity', twoLoads(), ...slo, ...bounds, '--out', out])
    const { subject } = JSON.parse(readFileSync(join(out, 'capacity.json'), 'utf8'))
    expect(subject).toMatchObject({ load: 'sale', unit: 'iterations per second' })
    expect(output).toMatch(/^\S +1 +20\.0\/s/m)
  })

  it.each([
    [['--only', 'sail'], /--only: there is no load "sail"; did you mean "sale"\?; there are browse, sale/],
    [['--vus', '5'], /--vus: does not fit several loads; choose one that is driven by users with --only: browse/],
    [['--threshold', 'http_reqs{load:sail} count>0'], /there is no load "sail"; did you mean "sale"\?/],
    [['--only', 'browse', '--threshold', 'http_reqs{load:sale} count>0'], /the load "sale" does not run/],
  ])('is refused before any load with %j', async (flags, reason) => {
    const { code, output } = await loadcell(['run', twoLoads(), ...options, ...flags])
    expect(output).toMatch(reason)
    expect(code).toBe(104)
  })

  it('is refused with every mistake and its place', async () => {
    const scenario = writeScenario(`const users = [{ name: 'u', iterate: () => {} }]
const load = { executor: 'constant-vus', vus: 1, duration: '1s', users }
export default { load, loads: { 'flash, sale': load, late: { ...load, startTime: '1h' } } }
`)
    const { code, output } = await loadcell(['run', scenario])
    expect(code).toBe(104)
    expect(output).toContain('load: expected either load or loads, got both')
    expect(output).toContain('loads["flash, sale"]: expected a name of at most 40 letters')
  })
})
