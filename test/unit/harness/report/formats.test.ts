import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { parse as parseCsv } from 'csv-parse/sync'
import { HistogramLogReader, listTags } from 'hdr-histogram-js'
import { describe, expect, it } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import { reportFormatNames } from '../../../../harness/report/format-names.ts'
import { type FormattedFile, reportFiles } from '../../../../harness/report/formats.ts'
import { githubAnnotations } from '../../../../harness/report/formats/github.ts'
import { recordedTimes } from '../../../../harness/results/recorded-times.ts'
import type { RunResult } from '../../../../harness/results/run-result.ts'
import { customRun } from './custom-run.ts'
import {
  brownoutRun,
  differingRun,
  emptyRun,
  failedRun,
  hostile,
  invalidRun,
  lagRun,
  limitedRun,
  passedRun,
  severalLoadsRun,
  socketRun,
  stormRun,
} from './fixture.ts'
import { parseOpenMetrics } from './formats/open-metrics-parser.ts'
import { recordedRun } from './formats/recorded-run.ts'

const runs: [string, RunResult][] = Object.entries({
  brownoutRun,
  customRun,
  differingRun,
  emptyRun,
  failedRun,
  invalidRun,
  lagRun,
  limitedRun,
  passedRun,
  recordedRun,
  severalLoadsRun,
  socketRun,
  stormRun,
}).map(([name, make]) => [name, make()])

function written(result: RunResult, file: string): string {
  const render = Object.values<Readonly<Record<string, FormattedFile>>>(reportFiles).find(files => file in files)?.[
    file
  ]
  if (render === undefined) throw new Error(`no format writes ${file}`)
  return render(result)
}

describe('the formats of a report', () => {
  it('write each file only once, and all but the step of GitHub write one', () => {
    const names = Object.values(reportFiles).flatMap(Object.keys)
    expect(new Set(names).size).toBe(names.length)
    const without = reportFormatNames.filter(format => Object.keys(reportFiles[format]).length === 0)
    expect(without).toEqual(['github'])
  })
})

describe('junit', () => {
  const schema = readFileSync(new URL('../../../support/junit.xsd', import.meta.url), 'utf8')
  const validate = async (xml: string) => (await validateXML({ xml, schema })).errors.map(({ message }) => message)
  /** Evaluates an XPath expression with libxml2. */
  const query = async (xml: string, expression: string) => {
    const modifyArguments = (args: string[]) => ['--xpath', expression, args.at(-1)!]
    return (await validateXML({ xml, normalization: 'c14n', modifyArguments })).normalized.trim()
  }

  it.each(runs)('is valid by the rules that its readers share: %s', async (_name, run) => {
    expect(await validate(written(run, 'junit.xml'))).toEqual([])
  })

  it.each(runs)('has a failure or an error exactly if the exit code is not 0: %s', async (_name, run) => {
    const xml = written(run, 'junit.xml')
    expect(Number(await query(xml, 'count(//failure | //error)')) > 0).toBe(run.exitCode !== 0)
  })

  it('counts its cases in each suite and in all', async () => {
    const xml = written(failedRun(), 'junit.xml')
    for (const [attribute, path] of [
      ['tests', 'testcase'],
      ['failures', 'testcase/failure'],
      ['errors', 'testcase/error'],
    ]) {
      const [told, there, ofSuites] = await Promise.all([
        query(xml, `string(/testsuites/@${attribute})`),
        query(xml, `count(/testsuites/testsuite/${path})`),
        query(xml, `sum(/testsuites/testsuite/@${attribute})`),
      ])
      expect({ attribute, told, ofSuites }).toEqual({ attribute, told: there, ofSuites: there })
    }
  })

  it('says what a threshold that failed wanted and got', async () => {
    const xml = written(failedRun(), 'junit.xml')
    const failed = "//testcase[@name='event_e2e_latency p(99)<150']/failure"
    expect(await query(xml, `string(${failed}/@message)`)).toBe('expected p(99)<150, observed 187 ms, 25 % too high')
  })

  it('skips the thresholds of an invalid run and blames the generator', async () => {
    const xml = written(invalidRun(), 'junit.xml')
    const thresholds = "//testcase[contains(@classname, '.thresholds')]"
    expect(await query(xml, `count(${thresholds}/skipped) = count(${thresholds})`)).toBe('true')
    expect(await query(xml, 'string(//testcase[error]/@name)')).toBe('Did the generator have CPU time to spare?')
  })

  it('keeps text that looks like markup, and replaces characters that XML cannot have', async () => {
    const run = failedRun()
    const xml = written({ ...run, run: { ...run.run, scenario: `${hostile}\n\ud800` } }, 'junit.xml')
    expect(await validate(xml)).toEqual([])
    const name = await query(xml, 'string(/testsuites/@name)')
    expect(name).toBe(`${hostile.replaceAll(/\p{Cc}/gu, '\u{fffd}')}\n\u{fffd}`)
  })
})

describe('csv', () => {
  const rowsOf = (run: RunResult, file: string) =>
    parseCsv<Record<string, string>>(written(run, file), { columns: true, record_delimiter: '\r\n' })

  it.each(runs)('can be parsed, with as many cells in each row as in the head: %s', (_name, run) => {
    expect(rowsOf(run, 'stats.csv')).toHaveLength(run.names.length + 1)
    expect(rowsOf(run, 'failures.csv')).toHaveLength(run.errors.length)
    expect(rowsOf(run, 'timeline.csv')).toHaveLength(run.timeline.length)
  })

  it('has the columns of Locust, and the percentiles that were recorded', () => {
    const run = recordedRun()
    const [head] = parseCsv(written(run, 'stats.csv'), { record_delimiter: '\r\n' })
    expect(head?.join(',')).toBe(
      'Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,' +
        'Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%',
    )
    const rows = rowsOf(run, 'stats.csv')
    expect(rows.map(({ Type, Name }) => [Type, Name])).toEqual([
      ...run.names.map(({ method, name }) => [method, name]),
      ['', 'Aggregated'],
    ])
    const responses = [...run.names.map(({ response }) => response), run.totals.response]
    expect(rows.map(row => [row['50%'], row['95%'], row['100%'], row['Average Response Time']].map(Number))).toEqual(
      responses.map(({ p50Ms, p95Ms, maxMs, meanMs }) => [p50Ms, p95Ms, maxMs, meanMs]),
    )
  })

  it('names the request that failed, and how often', () => {
    const [first] = rowsOf(failedRun(), 'failures.csv')
    expect(first).toEqual({
      Method: 'POST',
      Name: '/v1/events/publish',
      Error: 'the connection was reset: POST /v1/events/publish: read ECONNRESET',
      Occurrences: '35',
    })
  })

  it('has every value of the servers, and no row for a gap', () => {
    const run = failedRun()
    const rows = rowsOf(run, 'server.csv')
    const values = run.server.series.flatMap(series => series.values)
    expect(rows.map(({ value }) => Number(value))).toEqual(values)
    const load = rows.filter(({ series }) => series === 'node_load1')
    expect(load).toHaveLength(run.timeline.length - 1)
    expect(load[29]).toMatchObject({
      time: new Date(run.run.startedAt + run.timeline[30]!.atMs).toISOString(),
      atMs: String(run.timeline[30]!.atMs),
      source: 'http://***@10.0.0.7:9100/metrics',
    })
  })

  it('has every figure of every second', () => {
    const run = failedRun()
    const [second] = rowsOf(run, 'timeline.csv')
    const { time, offeredPerSecond, ...figures } = second!
    expect(new Date(time!).getTime()).toBe(run.run.startedAt + run.timeline[0]!.atMs)
    expect(offeredPerSecond).toBe(String(run.timeline[0]!.offeredPerSecond ?? ''))
    const expected = Object.entries(run.timeline[0]!).filter(([key]) => key !== 'offeredPerSecond')
    expect(Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, Number(value)]))).toEqual(
      Object.fromEntries(expected),
    )
  })
})

describe('openmetrics', () => {
  it.each(runs)('follows the rules of the format: %s', (_name, run) => {
    expect(parseOpenMetrics(written(run, 'openmetrics.txt')).length).toBeGreaterThan(2)
  })

  it('has the mean and the highest value of every series of the servers', () => {
    const { server } = failedRun()
    const families = new Map(parseOpenMetrics(written(failedRun(), 'openmetrics.txt')).map(each => [each.name, each]))
    const valueOf = (family: string, series: string) =>
      families.get(family)!.samples.find(({ labels }) => labels['series'] === series)!.value
    const heap = server.series.find(({ name }) => name === 'memory_rss_bytes')!.values
    expect(valueOf('loadcell_server_max', 'memory_rss_bytes')).toBe(Math.max(...heap))
    expect(valueOf('loadcell_server_mean', 'memory_rss_bytes')).toBeCloseTo(97_950_000)
    expect(families.get('loadcell_server_mean')!.samples).toHaveLength(server.series.length)
    expect(families.get('loadcell_saturated_after_seconds')!.samples).toEqual([
      {
        name: 'loadcell_saturated_after_seconds',
        labels: { resource: 'the event loop of the target' },
        value: 27,
      },
    ])
  })

  it('has every recorded series, with its tags as they were', () => {
    const run = recordedRun()
    const families = new Map(parseOpenMetrics(written(run, 'openmetrics.txt')).map(family => [family.name, family]))
    const requests = families.get('loadcell_http_reqs')?.samples ?? []
    expect(requests.map(({ labels, value }) => ({ labels, value }))).toEqual(
      run.series.flatMap(({ metric, tags, value }) =>
        metric === 'http_reqs' && value.kind === 'counter' ? [{ labels: tags, value: value.total }] : [],
      ),
    )
    const times = families.get('loadcell_http_req_duration_seconds')
    expect(times?.unit).toBe('seconds')
    const counted = (times?.samples ?? []).filter(({ name }) => name.endsWith('_count'))
    expect(counted.reduce((sum, { value }) => sum + value, 0)).toBe(1003)
    const tags = { method: 'GET', name: requests.at(-1)?.labels['name'] ?? '', status: '200' }
    const median = times?.samples.find(
      ({ labels }) => labels['quantile'] === '0.5' && labels['name'] === tags.name && labels['status'] === '200',
    )
    const expected = recordedTimes(run.series, 'http_req_duration', { name: tags.name, status: '200' }).percentile(50)
    expect(median?.value).toBeCloseTo(expected / 1000, 9)
  })

  it('says which thresholds passed', () => {
    const run = failedRun()
    const family = parseOpenMetrics(written(run, 'openmetrics.txt')).find(({ name }) => name.endsWith('_passed'))
    expect(family?.samples.map(({ value }) => value === 1)).toEqual(
      run.thresholds.map(({ state }) => state === 'passed'),
    )
  })
})

describe('hdr', () => {
  it('can be read by the log reader of the library, with every value and in microseconds', () => {
    const run = recordedRun()
    const log = written(run, 'histograms.hlog')
    const reader = new HistogramLogReader(log)
    const tags: string[] = listTags(log)
    const read = tags.map(tag => ({ tag, histogram: reader.nextIntervalHistogram()! }))
    expect(reader.nextIntervalHistogram()).toBeNull()
    expect(read.map(({ histogram }) => histogram.tag)).toEqual(tags)
    const count = (tag: string) => read.find(each => each.tag === tag)?.histogram.totalCount
    expect(count('http_req_duration')).toBe(1003)
    expect(count('http_req_duration:GET:/products?page%2Csize')).toBe(900)
    const { histogram } = read.find(({ tag }) => tag === 'http_req_duration')!
    expect(histogram.getValueAtPercentile(95)).toBe(run.totals.response.p95Ms * 1000)
    expect(histogram.startTimeStampMsec).toBe(run.run.startedAt)
    expect(histogram.endTimeStampMsec - histogram.startTimeStampMsec).toBeCloseTo(run.run.durationMs, 0)
  })
})

describe('benchmark', () => {
  /** As https://github.com/benchmark-action/github-action-benchmark describes `customSmallerIsBetter`. */
  const smallerIsBetter = {
    type: 'array',
    items: {
      type: 'object',
      required: ['name', 'unit', 'value'],
      additionalProperties: false,
      properties: {
        name: { type: 'string', minLength: 1 },
        unit: { type: 'string', minLength: 1 },
        value: { type: 'number' },
        range: { type: 'string' },
        extra: { type: 'string' },
      },
    },
  }
  /** As https://bencher.dev/bmf.json has it; names as its reference bounds them. */
  const metric = {
    type: 'object',
    required: ['value'],
    additionalProperties: false,
    properties: { value: { type: 'number' }, lower_value: { type: 'number' }, upper_value: { type: 'number' } },
  }
  const bencher = {
    type: 'object',
    propertyNames: { minLength: 1, maxLength: 1024 },
    additionalProperties: { type: 'object', propertyNames: { maxLength: 64 }, additionalProperties: metric },
  }

  it.each(runs)('is what github-action-benchmark and Bencher accept: %s', (_name, run) => {
    const ajv = new Ajv({ allErrors: true })
    const errorsOf = (schema: object, file: string) => {
      ajv.validate(schema, JSON.parse(written(run, file)))
      return ajv.errors ?? []
    }
    expect(errorsOf(smallerIsBetter, 'benchmark.json')).toEqual([])
    expect(errorsOf(bencher, 'bencher.json')).toEqual([])
  })

  it('has the percentiles that enough samples support, in ms and in ns', () => {
    const run = recordedRun()
    const entries = JSON.parse(written(run, 'benchmark.json')) as { name: string; value: number }[]
    const p95 = entries.find(({ name }) => name === 'all requests p95')
    expect(p95?.value).toBe(run.totals.response.p95Ms)
    const benchmarks = JSON.parse(written(run, 'bencher.json')) as Record<string, object>
    expect(benchmarks['all requests p95']).toEqual({ latency: { value: run.totals.response.p95Ms * 1e6 } })
    expect(benchmarks['all requests']).toEqual({ throughput: { value: run.totals.requestsPerSecond } })
    expect(entries.filter(({ name }) => name.includes('two\r\nlines'))).toHaveLength(1)
  })
})

describe('markdown', () => {
  it.each(runs)('has tables whose rows all have as many cells as the head: %s', (_name, run) => {
    const tables = written(run, 'summary.md').match(/(?:^\|.*\n)+/gm) ?? []
    for (const table of tables) {
      const cells = table
        .trim()
        .split('\n')
        .map(row => row.split(/(?<!\\)\|/).length)
      expect({ table, widths: new Set(cells).size }).toEqual({ table, widths: 1 })
    }
  })

  it('lets no name become markup', () => {
    const page = written(recordedRun(), 'summary.md')
    const withoutCode = page.replaceAll(/(`+)(?!`).*?[^`]\1(?!`)/g, '')
    expect(withoutCode).not.toMatch(/(?<!\\)<(?!\/?sub>)/)
    expect(page).toContain('``GET two lines \\ and `ticks` \\| pipes``')
  })

  it('has a row for every threshold, and is bounded', () => {
    const run = failedRun()
    const page = written({ ...run, names: Array.from({ length: 500 }, () => run.names[0]!) }, 'summary.md')
    for (const { expression } of run.thresholds) expect(page).toContain(`\`${expression}\``)
    expect(page).toContain('and 451 more')
    expect(page.length).toBeLessThan(20_000)
  })
})

describe('the annotations of GitHub', () => {
  it('are none for a run that passed, and a warning for one that is invalid', () => {
    expect(githubAnnotations(passedRun())).toEqual([])
    expect(githubAnnotations(invalidRun())).toEqual([
      expect.stringMatching(/^::warning title=mixed-streaming%3A invalid::/),
    ])
  })

  it('name every threshold that failed, on one line each', () => {
    const run = failedRun()
    const thresholds = [...run.thresholds, { ...run.thresholds[1]!, metric: 'checks{check:a, b: 100 %\n::error::x}' }]
    const annotations = githubAnnotations({ ...run, thresholds })
    expect(annotations).toHaveLength(4)
    expect(annotations[1]).toBe('::error title=event_e2e_latency p(99)<150::187 ms, 25 %25 too high')
    expect(annotations[3]).toContain('title=checks{check%3Aa%2C b%3A 100 %25%0A%3A%3Aerror%3A%3Ax} p(99)<150::')
  })
})
