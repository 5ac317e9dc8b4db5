import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import type { CapacityResult } from '../../../harness/capacity/capacity-result.ts'
import { scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const schema = Compile(
  JSON.parse(readFileSync(new URL('../../../schemas/capacity-1.json', import.meta.url), 'utf8')) as object,
)

function readCapacity(folder: string): CapacityResult {
  const result: unknown = JSON.parse(readFileSync(join(folder, 'capacity.json'), 'utf8'))
  expect(schema.Errors(result).map(({ instancePath, message }) => `${instancePath}: ${message}`)).toEqual([])
  return result as CapacityResult
}

const read = `[user('reader', { think: '20ms', iterate: ({ http }) => http.get('/api/v1/products/7') })]`

/** A station that serves 20 requests per second, and Poisson arrivals. Another rule shares it, so it must be removed in order. */
function queue(): string {
  return writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-arrival-rate', rate: 10, duration: '10s', arrivals: 'poisson', maxVUs: 500, preAllocatedVUs: 50, gracefulStop: '1s' },
  faults: { rules: [
    { id: 'db', match: { operation: 'products.get' }, fault: { type: 'capacity', servers: 1, service: '50ms' } },
    { id: 'list', match: { operation: 'products.list' }, fault: { type: 'capacity', station: 'db' } },
  ] },
  users: ${read},
})`)
}

function users(load: string): string {
  return writeScenario(`import { scenario, user } from 'loadcell'
export default scenario({ load: ${load}, users: ${read} })`)
}

function few(): string {
  return users("{ executor: 'constant-vus', vus: 2, duration: '10s', gracefulStop: '300ms' }")
}

const objective = ['--slo', 'http_req_duration p(95)<400, http_req_failed rate<0.01']
const quick = ['--probe', '2s', '--warmup', '0', '--seed', '1']

describe('loadcell capacity', () => {
  it('finds the highest rate that meets an objective, and writes its page and its result', async () => {
    const out = scratchFolder()
    const { code, output } = await loadcell([
      'capacity',
      queue(),
      '--slo',
      'http_req_duration p(95)<400',
      ...quick,
      '--precision',
      '50%',
      '--probes',
      '4',
      '--max',
      '160',
      '--out',
      out,
    ])
    const result = readCapacity(out)
    expect(result.search).toMatchObject({ kind: 'rate', start: 10, max: 160, mostProbes: 4 })
    expect(result.probes[0]?.load).toBe(10)
    expect(result.probes.map(({ outcome }) => outcome.state)).not.toContain('scenario_failed')
    expect(output).toContain(`${result.probes.length} probe`)
    expect(output.match(/^[✓✗?!] +\d+ +\S+\/s +http_req_duration p\(95\) /gm)).toHaveLength(result.probes.length)
    expect(readFileSync(join(out, 'capacity.html'), 'utf8')).toContain('<svg class="plot-svg"')
    // A machine that is too busy to send on time has no capacity to show.
    if (result.generatorLimit !== undefined) return expect(output).toContain('the generator was the bottleneck')
    expect(result.capacity?.estimate).toBeGreaterThan(5)
    expect(result.capacity?.estimate).toBeLessThan(30)
    expect(result.theory).toMatchObject({ station: 'db', model: 'M/D/1', kneeLoad: expect.closeTo(20, 0) as number })
    expect(output).toContain('theory            station db (M/D/1) is full at 20.0/s')
    expect(code).toBe(0)
  })

  it('says that everything meets an objective up to --max, or that nothing does', async () => {
    const [all, none] = [scratchFolder(), scratchFolder()]
    const [met, failed] = await Promise.all([
      loadcell([
        'capacity',
        'browse',
        '--slo',
        'http_req_failed rate<0.5',
        ...quick,
        '--start',
        '2',
        '--max',
        '3',
        '--out',
        all,
      ]),
      loadcell([
        'capacity',
        few(),
        '--slo',
        'http_req_duration p(50)<0.001',
        ...quick,
        '--start',
        '1',
        '--out',
        none,
        '--quiet',
      ]),
    ])
    expect(met.output).toContain('The stages of the scenario are replaced by constant loads.')
    expect(readCapacity(all).subject).toMatchObject({ scenario: 'browse', unit: 'users' })
    for (const { state } of readCapacity(all).probes) expect(['meets', 'generator_limit']).toContain(state)
    if (readCapacity(all).generatorLimit === undefined) {
      expect(met.output).toContain('Every load up to --max (3) meets the objective')
      expect(met.code).toBe(0)
    }
    if (readCapacity(none).generatorLimit === undefined) {
      expect(failed.output).toContain('No load down to --min (1) meets the objective')
      expect(failed.output).not.toMatch(/^✗/m)
      expect(failed.code).toBe(99)
    }
  })

  it('reports what is known when it is interrupted', async () => {
    const out = scratchFolder()
    const started = startLoadcell(['capacity', few(), ...objective, ...quick, '--out', out])
    await started.said(/^[✓✗?!] +1 /m)
    started.child.kill('SIGINT')
    const { code, output } = await started.finished
    expect(code).toBe(105)
    expect(output).toContain('The search was interrupted.')
    const { probes, outcome } = readCapacity(out)
    expect(outcome.state).toBe('interrupted')
    expect(probes.length).toBeGreaterThan(0)
  })

  it('ends when the target dies during a probe, and names the load', async () => {
    let answered = 0
    const server = createServer((_request, response) => {
      answered += 1
      if (answered < 60) return response.end('{}')
      server.close()
      server.closeAllConnections()
      return undefined
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const out = scratchFolder()
    const { code, output } = await loadcell([
      'capacity',
      few(),
      ...objective,
      ...quick,
      '--target',
      target,
      '--out',
      out,
    ])
    expect(output.replaceAll(/\s+/g, ' ')).toContain('The load was 2 users.')
    server.closeAllConnections()
    expect(readCapacity(out)).toMatchObject({
      outcome: { state: 'target_lost' },
      probes: [{ load: 2, state: 'ended' }],
    })
    expect(code).toBe(97)
  })

  it('stops when the time is over, and says what would be needed', async () => {
    const out = scratchFolder()
    const { code, output } = await loadcell(['capacity', few(), ...objective, ...quick, '--time', '4s', '--out', out])
    expect(output.replaceAll(/\s+/g, ' ')).toMatch(/The time was over before .*about \d+ more probes \(\d+s\) would do/)
    expect(readCapacity(out)).toMatchObject({ outcome: { state: 'out_of_time' }, cost: { probes: 1 } })
    expect(code).toBe(98)
  })

  it.each([
    [
      'iterations that last long after a probe are cut off, and the probe counts',
      "load: { executor: 'constant-vus', vus: 2, duration: '10s', gracefulStop: '1m' }, users: [user('a', { iterate: async ({ http, sleep }) => { await http.get('/api/v1/products/7'); if (Math.random() < 0.1) await sleep('1m') } })]",
      1,
    ],
    [
      'a probe that takes longer is cut off, and is no evidence',
      `setup: () => new Promise(resolve => setTimeout(resolve, 60_000)), load: { executor: 'constant-vus', vus: 2, duration: '10s' }, users: ${read}`,
      0,
    ],
  ])('ends when the time is over: %s', async (_, definition, probes) => {
    const out = scratchFolder()
    const scenario = writeScenario(
      `import { scenario, user } from 'loadcell'\nexport default scenario({ ${definition} })`,
    )
    const { code, output } = await loadcell([
      'capacity',
      scenario,
      ...objective,
      ...quick,
      '--time',
      '4s',
      '--out',
      out,
    ])
    expect(output).toContain('The time was over before')
    const { outcome, cost } = readCapacity(out)
    expect({ state: outcome.state, probes: cost.probes }).toEqual({ state: 'out_of_time', probes })
    expect(cost.durationMs).toBeLessThanOrEqual(10_000)
    expect(code).toBe(98)
  })

  it.each([
    [
      'an unknown metric',
      'few',
      ['--slo', 'http_req_dration p(95)<200'],
      /there is no metric "http_req_dration"; did you mean "http_req_duration"/,
    ],
    ['an objective that more load never violates', 'few', ['--slo', 'http_reqs rate>5'], /expected an upper limit/],
    ['no objective', 'few', [], /--slo: expected a condition such as 'http_req_duration p\(95\)<200'/],
    [
      'too little time',
      'few',
      [...objective, '--time', '2s'],
      /--time 2s is too short: one probe takes 12\.5s[^]*give at least --time 1m 1\ds/,
    ],
    [
      'bounds that exclude each other',
      'few',
      [...objective, '--min', '9', '--max', '3'],
      /--min 9 is not below --max 3/,
    ],
    ['half a user', 'few', [...objective, '--start', '1.5'], /--start: expected a whole number of users, got 1\.5/],
    [
      'a load that ends by itself',
      'counted',
      objective,
      /its load \(shared-iterations\) ends when its iterations are done/,
    ],
    ['a scenario whose faults change', 'brownout', objective, /its faults change during the run/],
    [
      'settings for a target that runs already',
      'few',
      [...objective, '--target', 'http://127.0.0.1:9', '--target-set', 'a=b'],
      /--target-set is for the embedded target/,
    ],
  ] as const)('refuses %s with the reason, and writes nothing', async (_, name, options, reason) => {
    const counted = "{ executor: 'shared-iterations', vus: 2, iterations: 50 }"
    const scenario = name === 'few' ? few() : name === 'counted' ? users(counted) : name
    const out = join(scratchFolder(), 'out')
    const { code, output } = await loadcell(['capacity', scenario, ...options, '--warmup', '0', '--out', out])
    expect(output).toMatch(reason)
    expect(code).toBe(104)
    expect(existsSync(out)).toBe(false)
  })
})
