import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../../../core/histogram.ts'
import type { RunResult } from '../../../harness/results/run-result.ts'
import { openMetrics } from '../../../harness/report/formats/openmetrics.ts'
import { freePort } from '../../support/free-port.ts'
import { attributesOf, type Collector, type MetricsRequest, startCollector } from '../../support/collector.ts'
import { until } from '../../support/stream-client.ts'
import { loadcell, readResult, scratchFolder, startLoadcell, writeScenario } from './loadcell.ts'
import { withoutPackages } from './without-packages.ts'

const source = `
import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-vus', vus: 2, duration: '2s' },
  users: [user('u', { think: '10ms', async iterate({ http, check }) {
    check(await http.get('/healthz'), { 'is healthy': ({ ok }) => ok })
    await http.get('/nowhere', { expect: 404 })
  } })],
  thresholds: { checks: ['rate==1'] },
})`

/** A run whose users go on until `end` is called, however long a busy machine takes for what is to happen before. */
function heldRun(...args: string[]) {
  const file = join(scratchFolder(), 'end')
  const held = `import { existsSync } from 'node:fs'${source
    .replace("'constant-vus', vus: 2, duration: '2s'", "'per-vu-iterations', vus: 2, iterations: 1")
    .replace("think: '10ms', ", '')
    .replace('iterate({ http, check }) {', 'iterate({ http, check, sleep }) { while (!existsSync(process.env.END)) {')
    .replace('expect: 404 })', "expect: 404 }); await sleep('10ms') }")}`
  const all = ['run', writeScenario(held), '--warmup', '0', '--quiet', ...args]
  return { args: all, env: { END: file }, end: () => writeFileSync(file, '') }
}

const run = (...args: string[]) => ['run', writeScenario(source), '--warmup', '0', '--quiet', ...args]

const otlp = (url: string, more: Record<string, string> = {}) => ({
  env: {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
    ...more,
  },
})

function metricsIn({ requests }: Collector, at = -1) {
  const { resourceMetrics } = JSON.parse(requests.at(at)!.body.toString()) as MetricsRequest
  const { resource, scopeMetrics } = resourceMetrics[0]!
  return { resource: attributesOf(resource.attributes), metrics: scopeMetrics[0]!.metrics }
}

const sorted = (tags: object) => Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))

/** Returns the values of all series by name and tags, as the result has them: times in seconds. */
function valuesOf({ series }: RunResult): Record<string, unknown> {
  const rows = series.flatMap(({ metric, tags, value }): [string, unknown][] => {
    const key = (name: string) => `${name} ${JSON.stringify(sorted(tags))}`
    switch (value.kind) {
      case 'counter':
        return [[key(metric), value.total]]
      case 'rate':
        return [
          [key(`${metric}_hits`), value.hits],
          [key(`${metric}_samples`), value.total],
        ]
      case 'gauge':
        return [
          [key(metric), value.last],
          [key(`${metric}_max`), value.max],
        ]
      case 'trend': {
        const { count, sumMs, maxMs } = Histogram.fromJSON(value.histogram)
        return [[key(metric), [count, (sumMs / 1000).toPrecision(9), (maxMs / 1000).toPrecision(9)]]]
      }
    }
  })
  return Object.fromEntries(rows)
}

/** Returns the same of an export. */
function valuesIn(collector: Collector): Record<string, unknown> {
  const rows = metricsIn(collector).metrics.flatMap(
    ({ name, sum, gauge, exponentialHistogram }): [string, unknown][] => {
      const key = (attributes: Parameters<typeof attributesOf>[0]) =>
        `${name.replace(/^loadcell\./, '')} ${JSON.stringify(sorted(attributesOf(attributes)))}`
      const numbers = [...(sum?.dataPoints ?? []), ...(gauge?.dataPoints ?? [])]
      return [
        ...numbers.map(({ attributes, asDouble, asInt }): [string, unknown] => [
          key(attributes),
          asDouble ?? Number(asInt),
        ]),
        ...(exponentialHistogram?.dataPoints ?? []).map(({ attributes, count, sum, max }): [string, unknown] => [
          key(attributes),
          [Number(count), sum.toPrecision(9), (max ?? 0).toPrecision(9)],
        ]),
      ]
    },
  )
  const own = rows.filter(([key]) => !/^(?:run_|threshold_|server_|saturated_)/.test(key))
  return Object.fromEntries(own)
}

describe('loadcell run --export otlp', () => {
  it('sends what it has measured while the run goes on, and at the end exactly the result', async () => {
    const collector = await startCollector()
    const out = join(scratchFolder(), 'out')
    const { args, env, end } = heldRun('--export', 'otlp', '--out', out)
    const started = startLoadcell(
      args,
      otlp(collector.url, {
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20hush-hush',
        OTEL_RESOURCE_ATTRIBUTES: 'team=shop',
        ...env,
      }),
    )
    await until(() => collector.requests.length > 0)
    end()
    const { code, output } = await started.finished
    expect([0, 98], output).toContain(code)
    expect(output).toContain(`exported to ${collector.url}/v1/metrics`)
    expect(output).not.toContain('hush')
    expect(collector.requests.length, output).toBeGreaterThanOrEqual(2)
    expect(collector.requests[0]).toMatchObject({ url: '/v1/metrics', headers: { authorization: 'Bearer hush-hush' } })
    const result = readResult(out)
    expect(valuesIn(collector)).toEqual(valuesOf(result))
    const { resource, metrics } = metricsIn(collector)
    expect(resource).toMatchObject({ 'service.name': 'loadcell', 'service.instance.id': result.run.id, team: 'shop' })
    expect(metrics.find(({ name }) => name === 'loadcell.http_req_duration')?.unit).toBe('s')
    const exitCode = metrics.find(({ name }) => name === 'loadcell.run_exit_code')?.gauge?.dataPoints[0]
    expect(exitCode?.asDouble ?? Number(exitCode?.asInt)).toBe(code)
    // Exports in mid-run have less.
    const early = metricsIn(collector, 0).metrics.map(({ name }) => name)
    expect(early).toContain('loadcell.http_reqs')
    expect(early).not.toContain('loadcell.run_exit_code')
  })

  it('tells a collector that refuses everything once, counts its failures, and leaves the verdict alone', async () => {
    const collector = await startCollector(response => response.writeHead(413).end('hush-hush'))
    const { code, output } = await loadcell(
      run('--export', 'otlp', '--threshold', 'http_reqs count<1'),
      otlp(collector.url),
    )
    expect([99, 98], output).toContain(code)
    expect(
      output.match(/An export of metrics .* failed: it answered with status 413\. The run goes on\./g),
      output,
    ).toHaveLength(1)
    expect(output).toMatch(/[1-9]\d* of [1-9]\d* exports to http:\S+ failed.* did not arrive\./)
    expect(output).not.toContain('hush')
  })

  it('sends the final numbers of a run that is interrupted, too', async () => {
    const collector = await startCollector()
    const started = startLoadcell(run('--export', 'otlp', '--duration', '1h'), otlp(collector.url))
    await until(() => collector.requests.length > 0)
    started.child.kill('SIGINT')
    const { code, output } = await started.finished
    expect(code, output).toBe(105)
    const exitCode = metricsIn(collector).metrics.find(({ name }) => name === 'loadcell.run_exit_code')
    expect(exitCode?.gauge?.dataPoints[0]?.asDouble).toBe(105)
  })

  it('says what to install if the packages of OpenTelemetry are missing', async () => {
    const { code, output } = await loadcell(run('--export', 'otlp'), { env: withoutPackages('@opentelemetry/') })
    expect(code).toBe(104)
    expect(output).toContain(
      'npm install --save-dev @opentelemetry/api @opentelemetry/sdk-metrics @opentelemetry/resources',
    )
  })

  it('refuses variables that it cannot use, before any load', async () => {
    const { code, output } = await loadcell(run('--export', 'otlp'), {
      env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=hush-hush' },
    })
    expect(code).toBe(104)
    expect(output).toContain('OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf or http/json')
    expect(output).not.toContain('hush')
  })
})

describe('loadcell run --export prometheus', () => {
  it('serves what it has measured while the run goes on, and at the end exactly the result', async () => {
    const port = await freePort()
    const out = join(scratchFolder(), 'out')
    const { args, env, end } = heldRun('--export', `prometheus=${port}`, '--out', out)
    const started = startLoadcell(args, { env })
    await started.said(/exported to http:\/\/127\.0\.0\.1:\d+\/metrics/)
    const headers = { accept: 'application/openmetrics-text; version=1.0.0' }
    const scrape = async () => (await fetch(`http://127.0.0.1:${port}/metrics`, { headers })).text()
    let live = ''
    while (!live.includes('loadcell_http_reqs_total')) live = await scrape()
    expect(live).not.toContain('loadcell_run_exit_code')
    end()
    await started.said(/Waiting up to \d+ s for the last scrape/)
    const last = await scrape()
    const { code } = await started.finished
    expect([0, 98], started.output()).toContain(code)
    const final = openMetrics(readResult(out))
    const shared = last.split('\n').filter(line => !/^(?:# \w+ )?loadcell_\w+_distribution_seconds/.test(line))
    expect(shared.join('\n')).toBe(final)
  })

  it('refuses an address that is taken or no address at all, before any load', async () => {
    const collector = await startCollector()
    const taken = await loadcell(run('--export', `prometheus=${new URL(collector.url).host}`))
    expect(taken).toMatchObject({ code: 104, output: expect.stringContaining('EADDRINUSE') as string })
    const twice = await loadcell(run('--export', 'otlp', '--export', 'otlp'))
    expect(twice).toMatchObject({
      code: 104,
      output: expect.stringContaining('--export otlp is given twice') as string,
    })
    const nonsense = await loadcell(run('--export', 'prometheus=http://ada:s3cret@h:9464'))
    expect(nonsense).toMatchObject({
      code: 104,
      output: expect.stringContaining('expected otlp, prometheus, or') as string,
    })
    expect(nonsense.output).not.toContain('s3cret')
  })
})
