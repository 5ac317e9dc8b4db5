import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FaultsReport, TimelineReport } from '../../../contract/faults/report.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { testTarget } from '../target/support.ts'
import { readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

/** On a busy machine the generator may be late, and the run then ends with 98. The assertions must hold all the same. */
const ranToItsEnd = [0, 98]

function file(name: string, text: string): string {
  const path = join(scratchFolder(), name)
  writeFileSync(path, text)
  return path
}

/** A scenario of 30 s without faults. */
function readers(thresholds = '{}', load = "executor: 'constant-arrival-rate', rate: 50, maxVUs: 500"): string {
  return writeScenario(`
    import { scenario, user } from 'loadcell'
    export default scenario({
      load: { ${load}, duration: '30s', gracefulStop: '30s' },
      users: [user('reader', { async iterate({ http }) {
        await http.get('/api/v1/products/7')
        await http.get('/api/v1/categories')
      } })],
      thresholds: ${thresholds},
    })`)
}

async function ask<T>(url: string, path: string): Promise<T> {
  return (await (await fetch(`${url}/_loadcell/${path}`)).json()) as T
}

async function expectHealthy(url: string): Promise<void> {
  expect(await ask<FaultsReport>(url, 'faults')).toEqual({ rules: [], presets: [] })
  expect(await ask<TimelineReport>(url, 'timeline')).toEqual({ timeline: null, bands: [] })
}

describe('loadcell run --faults', () => {
  it('sets a preset, rules and a timeline for the run, and removes them afterwards', async () => {
    const target = await testTarget()
    const rules = file(
      'rules.yaml',
      '- {id: gone, match: {operation: categories.list}, fault: {type: status, status: 404}}\n',
    )
    const timeline = file(
      'timeline.json',
      JSON.stringify({
        phases: [
          { name: 'up', duration: '2s' },
          {
            name: 'down',
            duration: '1h',
            faults: [{ id: 'down', match: { operation: 'products.get' }, fault: { type: 'status', status: 503 } }],
          },
        ],
      }),
    )
    const scenario = readers(`{
      'http_req_failed{phase:up,name:/api/v1/products/{id}}': ['rate<0.1'],
      'http_req_failed{phase:down,name:/api/v1/products/{id}}': ['rate>0.9'],
    }`)
    const out = scratchFolder()
    const sources = ['slow_identity', rules, timeline]
    const options = ['--target', target.url, '--duration', '4s', '--warmup', '0', '--out', out]
    const { code, output } = await loadcell([
      'run',
      scenario,
      ...options,
      ...sources.flatMap(source => ['--faults', source]),
    ])
    expect(output).toMatch(/^phases {6}up /m)
    expect(ranToItsEnd).toContain(code)
    const result = readResult(out)
    expect(result.run.overrides?.faults).toEqual(sources)
    // The timeline keeps its own durations, however long the scenario is.
    expect(result.bands.map(({ name, rules }) => [name, rules])).toEqual([
      ['up', []],
      ['down', ['down']],
    ])
    const [up, down] = result.bands
    expect({ upFromMs: up?.fromMs, upToMs: up?.toMs, downToMs: down?.toMs }).toEqual({
      upFromMs: 0,
      upToMs: down?.fromMs,
      downToMs: result.run.durationMs,
    })
    expect(result.faults.rules.map(({ id, matched, injected }) => [id, injected, injected === matched])).toEqual([
      ['gone', 200, true],
      ['down', result.totals.failedRequests - 200, true],
    ])
    expect(result.thresholds.map(({ state }) => state)).toEqual(['passed', 'passed'])
    expect(result.reconciliation.state).toBe('agrees')
    await expectHealthy(target.url)
  })

  it.each([
    [
      'an invalid rule',
      'rules.yaml',
      '[{id: a, share: 1.5, fault: {type: hang}}]',
      '--faults.rules[0].share: expected 0…1, got 1.5',
    ],
    [
      'an unknown fault in a phase',
      'timeline.yaml',
      'phases: [{name: up, duration: 1s}, {name: ill, duration: 1s, faults: [browout]}]',
      /--faults\.timeline\.phases\[1\]\.faults\[0\]: .*did you mean brownout\?/,
    ],
    ['a file that is none', 'half.yaml', '{id: a', 'half.yaml cannot be read'],
    [
      'a file with other content',
      'text.yaml',
      'brownout',
      'a rule, a list of rules, {rules, presets, timeline} or a timeline',
    ],
  ])('rejects %s before any load is sent, and says where the error is', async (_, name, text, words) => {
    const target = await testTarget()
    const out = scratchFolder()
    const faults = file(name, text)
    const { code, output } = await loadcell([
      'run',
      readers(),
      '--target',
      target.url,
      '--out',
      out,
      '--faults',
      faults,
    ])
    expect(code).toBe(104)
    expect(output).toMatch(words)
    expect(existsSync(join(out, 'result.json'))).toBe(false)
    expect((await ask<{ runs: string[] }>(target.url, 'runs')).runs).toEqual([])
    await expectHealthy(target.url)
  })

  it.each([1, 2])('leaves nothing behind after Ctrl-C (%i times)', async times => {
    const target = await testTarget()
    const out = scratchFolder()
    // Requests never end by themselves, so one Ctrl-C waits for the graceful stop.
    const rules = file('rules.yaml', '{id: held, match: {operation: categories.list}, fault: {type: hang}}')
    const timeline = file('timeline.yaml', 'phases: [{name: ill, duration: 1h, faults: [slow_database]}]\nloop: true\n')
    const scenario = readers('{}', "executor: 'constant-vus', vus: 2")
    const run = startLoadcell([
      'run',
      scenario,
      '--target',
      target.url,
      '--warmup',
      '0',
      '--out',
      out,
      '--faults',
      times === 1 ? 'flaky' : rules,
      '--faults',
      timeline,
    ])
    await run.said(/running.*\n/i)
    const [during, phase] = [
      await ask<FaultsReport>(target.url, 'faults'),
      (await ask<TimelineReport>(target.url, 'timeline')).phase?.name,
    ]
    expect(during.rules.length).toBeGreaterThan(1)
    expect(phase).toBe('ill')
    run.child.kill('SIGINT')
    await run.said(/Stopping gracefully/)
    if (times === 2) run.child.kill('SIGINT')
    const { code } = await run.finished
    expect(code).toBe(105)
    await expectHealthy(target.url)
    const result = readResult(out)
    expect(result.bands.at(-1)).toMatchObject({ name: 'ill', toMs: result.run.durationMs })
    const ledger = await ask<LedgerReport>(target.url, `ledger?run=${result.run.id}`)
    expect(ledger.faults.rules.map(({ id }) => id)).toContain(times === 1 ? 'slow_database.pool' : 'held')
  })
})
