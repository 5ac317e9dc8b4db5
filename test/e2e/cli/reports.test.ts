import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunSummary } from '../../../harness/report/run-summary.ts'
import { schemaErrors } from '../../support/published-schema.ts'
import { testTarget } from '../target/support.ts'
import { readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const reader = `
import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'per-vu-iterations', vus: 1, iterations: 30 },
  users: [user('u', { async iterate({ http, check }) {
    check(await http.get('/healthz'), { 'is healthy': ({ ok }) => ok })
  } })],
  thresholds: { checks: ['rate==1'] },
})`

const run = (...args: string[]) => ['run', writeScenario(reader), '--warmup', '0', '--quiet', ...args]

describe('loadcell run --report', () => {
  it('writes every format beside report.html and result.json, and the summary and annotations of a GitHub step', async () => {
    const out = join(scratchFolder(), 'out')
    const step = join(scratchFolder(), 'step.md')
    writeFileSync(step, 'what was there before\n')
    const formats = ['html', 'json', 'junit', 'markdown', 'csv', 'openmetrics', 'hdr', 'github', 'benchmark']
    const { code, output } = await loadcell(
      run('--out', out, '--threshold', 'http_reqs count<10', ...formats.flatMap(format => ['--report', format])),
      { env: { GITHUB_STEP_SUMMARY: step } },
    )
    expect([99, 98]).toContain(code)
    expect(readdirSync(out).toSorted()).toEqual([
      'bencher.json',
      'benchmark.json',
      'failures.csv',
      'histograms.hlog',
      'junit.xml',
      'metrics.csv',
      'openmetrics.txt',
      'report.html',
      'result.json',
      'server.csv',
      'stats.csv',
      'summary.md',
      'timeline.csv',
    ])
    expect(output).toContain('junit.xml')
    expect(readFileSync(step, 'utf8')).toBe(`what was there before\n${readFileSync(join(out, 'summary.md'), 'utf8')}\n`)
    expect(output).toMatch(/^::(?:error|warning) title=scenario%3A /m)
    expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toContain('<testcase name="http_reqs count&lt;10"')
    expect(readFileSync(join(out, 'stats.csv'), 'utf8')).toContain('GET,/healthz,30,0,')
  })

  it('writes no other file by default', async () => {
    const out = join(scratchFolder(), 'out')
    await loadcell(run('--out', out))
    expect(readdirSync(out).toSorted()).toEqual(['report.html', 'result.json'])
  })

  it('lists the formats when there is no such format, before any load', async () => {
    const out = join(scratchFolder(), 'out')
    const { code, output } = await loadcell(run('--out', out, '--report', 'junitt'))
    expect(code).toBe(104)
    expect(output).toContain('"junitt"; did you mean "junit"?')
    expect(output).toContain('expected one of html, json, junit, markdown, csv, openmetrics, hdr, github, benchmark')
    expect(() => readdirSync(out)).toThrow(/ENOENT/)
  })

  it.each([
    ['outside of a step', () => '', 'GITHUB_STEP_SUMMARY is not set'],
    ['when its file is a folder', scratchFolder, 'cannot write the summary of the step: EISDIR'],
  ])('refuses github %s, before any load', async (_when, path, message) => {
    const out = join(scratchFolder(), 'out')
    const { code, output } = await loadcell(run('--out', out, '--report', 'github'), {
      env: { GITHUB_STEP_SUMMARY: path() },
    })
    expect(code).toBe(104)
    expect(output).toContain(message)
    expect(() => readdirSync(out)).toThrow(/ENOENT/)
  })

  it('refuses a folder that cannot be written to, before any load', async () => {
    const file = join(scratchFolder(), 'file')
    writeFileSync(file, '')
    const { code, output } = await loadcell(run('--out', join(file, 'out'), '--report', 'junit'))
    expect(code).toBe(104)
    expect(output).toContain(`the folder ${join(file, 'out')} cannot be written to`)
  })

  it('refuses a folder without a name, and several formats in one option', async () => {
    const { code, output } = await loadcell(run('--out', ''))
    expect({ code, output }).toEqual({
      code: 104,
      output: expect.stringContaining('expected the name of a folder') as string,
    })
    const listed = await loadcell(run('--report', 'junit,markdown'))
    expect(listed).toMatchObject({ code: 104, output: expect.stringContaining('repeat the option for each') as string })
  })

  it('leaves files of another tool alone', async () => {
    const out = join(scratchFolder(), 'out')
    mkdirSync(out)
    writeFileSync(join(out, 'junit.xml'), 'of another tool')
    await loadcell(run('--out', out, '--report', 'junit'))
    expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toBe('of another tool')
    expect(readdirSync(`${out}-2`)).toContain('junit.xml')
  })
})

describe('loadcell run --summary', () => {
  it('prints nothing but the summary in JSON, as its schema has it', async () => {
    const out = join(scratchFolder(), 'out')
    const { child, finished } = startLoadcell(run('--out', out, '--summary', 'json').filter(arg => arg !== '--quiet'))
    let stdout = ''
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    const { code } = await finished
    const summary = JSON.parse(stdout) as RunSummary
    expect(schemaErrors('summary-1.json', summary)).toEqual([])
    expect(summary.exitCode).toBe(code)
    expect(summary.totals).toEqual(readResult(out).totals)
    expect(summary.report).toBe(join(out, 'report.html'))
  })

  it.each(['1', '2'])('keeps what a scenario prints off stdout when it is JSON, with %s workers', async workers => {
    const scenario = writeScenario(`console.log('loaded'); process.stdout.write('by the stream\\n')
      ${reader.replace('vus: 1', 'vus: 2').replace('check(', "console.log('iterates'); check(")}`)
    const run = ['run', scenario, '--warmup', '0', '--summary', 'json', '--workers', workers]
    const { child, finished } = startLoadcell(run)
    let stdout = ''
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    const { output } = await finished
    expect(JSON.parse(stdout)).toMatchObject({ format: 'loadcell.summary/1' })
    expect(output).toMatch(/loaded\nby the stream[^]*iterates/)
  })

  it('prints the verdict and the numbers on three lines when compact', async () => {
    const { output } = await loadcell(run('--summary', 'compact'))
    const lines = output.trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/^(?:PASSED|INVALID) /)
    expect(lines[1]).toMatch(/ scenario .* · 30 requests · .* · none failed · p50 .* · 1 of 1 thresholds passed$/)
    expect(lines[2]).toMatch(/^report {6}loadcell-results\/scenario-.*\/report\.html$/)
  })

  it('prints nothing with none, and still exits with the verdict', async () => {
    const { code, output } = await loadcell(run('--summary', 'none', '--threshold', 'http_reqs count==0'))
    expect(output).toBe('')
    expect([99, 98]).toContain(code)
  })

  it('names the styles when there is no such style', async () => {
    const { code, output } = await loadcell(run('--summary', 'jsno'))
    expect(code).toBe(104)
    expect(output).toContain('expected one of full, compact, json, none, got "jsno"; did you mean "json"?')
  })
})

describe('loadcell run --threshold', () => {
  it('adds thresholds to those of the scenario, and repeats them in the command of the report', async () => {
    const out = join(scratchFolder(), 'out')
    const added = ['http_req_duration{name:/healthz} p(95)<60000', 'http_req_failed rate<0.5']
    await loadcell(run('--out', out, ...added.flatMap(text => ['--threshold', text])))
    const { thresholds } = readResult(out)
    expect(thresholds.map(({ metric, expression }) => `${metric} ${expression}`)).toEqual(['checks rate==1', ...added])
    expect(thresholds.map(({ state }) => state)).toEqual(['passed', 'passed', 'passed'])
    const [command] = /--threshold [^<]*/.exec(readFileSync(join(out, 'report.html'), 'utf8')) ?? []
    expect(command).toContain('http_req_failed rate&#60;0.5')
  })

  it('refuses thresholds that make no sense, all at once and before any load', async () => {
    const out = join(scratchFolder(), 'out')
    const wrong = ['http_req_duratio p(95)<200', 'http_reqs', 'http_req_failed p(95)<3']
    const { code, output } = await loadcell(run('--out', out, ...wrong.flatMap(text => ['--threshold', text])))
    expect(code).toBe(104)
    expect(output).toContain('did you mean "http_req_duration"?')
    expect(output).toContain('--threshold "http_reqs": expected a metric and a condition')
    expect(output).toContain('http_req_failed is a rate: expected rate, count')
    expect(() => readdirSync(out)).toThrow(/ENOENT/)
  })
})

describe('the published schemas', () => {
  it('describe the result and the ledger of a run with streams, faults and phases completely', async () => {
    const target = await testTarget()
    const out = join(scratchFolder(), 'out')
    const scenario = writeScenario(`
      import { scenario, user } from 'loadcell'
      export default scenario({
        load: { executor: 'constant-vus', vus: 3, duration: '2s' },
        faults: { timeline: { phases: [
          { name: 'slow', duration: '1s', faults: ['brownout'] },
          { name: 'healthy', duration: '1s' },
        ] } },
        users: [
          user('publisher', { think: '20ms', async iterate({ http, fake, check }) {
            await http.get('/healthz')
            check(await http.post('/v1/events/publish', fake.orderCreated()), { accepted: ({ ok }) => ok })
          } }),
          user('listener', { async iterate({ sse }) {
            for await (const _ of sse.open('/v1/streams/orders', { until: '500ms' }));
          } }),
        ],
        thresholds: { http_req_failed: ['rate<1'], event_gaps: ['count==0'] },
      })`)
    const { output } = await loadcell([
      'run',
      scenario,
      '--warmup',
      '0',
      '--quiet',
      '--target',
      target.url,
      '--out',
      out,
    ])
    const result = readResult(out)
    expect(result.totals.requests, output).toBeGreaterThan(0)
    expect(schemaErrors('result-1.json', result)).toEqual([])
    const answer = await fetch(`${target.url}/_loadcell/ledger?run=${result.run.id}`)
    expect(schemaErrors('ledger-1.json', await answer.json())).toEqual([])
  })
})
