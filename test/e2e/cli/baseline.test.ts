import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const source = `
import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'per-vu-iterations', vus: 1, iterations: 40 },
  users: [user('reader', { iterate: ({ http }) => http.get('/api/v1/products/3') })],
})`
const limit = ['--max-regression', 'http_req_duration p(50) 40%']
const slow = 'id: slow\nfault: { type: delay, distribution: 200ms }\n'

describe('loadcell run --baseline', () => {
  it('fails a run that became many times slower, and refuses baselines that it cannot be compared with', async () => {
    const scenario = writeScenario(source)
    const folder = scratchFolder()
    const [first, second] = [join(folder, '1'), join(folder, '2')]
    const quick = ['run', scenario, '--warmup', '0', '--quiet']
    for (const out of [first, second]) await loadcell([...quick, '--out', out])

    const out = join(folder, 'new')
    // The same scenario under another fault differs in its conditions, which --force overrides.
    const faults = join(folder, 'slow.yaml')
    writeFileSync(faults, slow)
    const worse = [...quick, '--baseline', first, '--baseline', second, ...limit, '--faults', faults]
    const refused = await loadcell([...worse, '--out', out])
    expect(refused.output).toMatch(
      /the faults differ: those of the scenario in .*1\/result\.json and 1 more; .*slow\.yaml in this run/,
    )
    expect(refused.code).toBe(104)

    const failed = await loadcell([...worse, '--force', '--out', out])
    const result = readResult(out)
    expect(result.regressions, failed.output).toMatchObject([
      { demand: 'http_req_duration p(50) 40%', state: 'failed', baselines: 2, limit: 0.4 },
    ])
    expect(failed.output).toContain('✗ http_req_duration p(50) 40%')
    expect(failed.output.replaceAll(/\s+/g, ' ')).toMatch(
      /worse than its baseline: http_req_duration p\(50\) may get worse by 40 %/,
    )
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('The run and its baseline')
    // A busy machine makes a run invalid, which comes first.
    expect([99, 98]).toContain(failed.code)
  })

  it.each<[string, string[], RegExp]>([
    ['a limit without a baseline', limit, /--max-regression compares with earlier runs[^]*--baseline/],
    [
      'a baseline without a limit',
      ['--baseline', 'x.json'],
      /--baseline says what to compare with[^]*--max-regression 'http_req/,
    ],
    ['a baseline that is missing', ['--baseline', 'x.json', ...limit], /--baseline: there is no file x\.json/],
    [
      'a limit that is none',
      ['--baseline', 'x', '--max-regression', 'fast'],
      /--max-regression fast: expected a metric/,
    ],
  ])('rejects %s before any load is sent', async (_what, flags, message) => {
    const { code, output } = await loadcell(['run', writeScenario(source), ...flags])
    expect(output).toMatch(message)
    expect(code).toBe(104)
  })
})
