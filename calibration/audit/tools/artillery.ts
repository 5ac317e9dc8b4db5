import { join } from 'node:path'
import { Type } from 'typebox'
import { checker } from '../../../core/check.ts'
import { hasOption, optionValue } from '../reading/command-options.ts'
import { readJsonSource } from '../reading/json-source.ts'
import { beginningOf, sourceOf } from '../reading/source-text.ts'
import type { PreparedCommand, ReportSource, TargetAddress, Tool, ToolCommand } from '../tool.ts'
import { type ToolLatency, type ToolReport, type ToolRow, totalOf } from '../tool-report.ts'

const FORMAT = 'the JSON of Artillery 2 (--output)'
/** Prefix of the metrics of each endpoint, from a plugin that is on by default. */
const ENDPOINTS = 'plugins.metrics-by-endpoint'
const TIMES = '.response_time.'

const Summary = Type.Object({
  min: Type.Number(),
  max: Type.Number(),
  count: Type.Integer({ minimum: 0 }),
  mean: Type.Optional(Type.Number()),
})
type Summaries = Record<string, Record<string, number>>
type Counters = Record<string, number>

const shape = checker(
  Type.Object({
    aggregate: Type.Object({
      counters: Type.Record(Type.String(), Type.Number()),
      summaries: Type.Optional(
        Type.Record(Type.String(), Type.Intersect([Summary, Type.Record(Type.String(), Type.Number())])),
      ),
      rates: Type.Optional(Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()]))),
      firstMetricAt: Type.Optional(Type.Number()),
      lastMetricAt: Type.Optional(Type.Number()),
    }),
  }),
)

/** Reads what Artillery writes with `--output`. */
export const artillery: Tool = {
  name: 'artillery',
  programs: ['artillery'],
  formats: ['JSON (--output)'],
  traits: {
    atEnd: 'waits',
    failure: 'transport',
    counts: 'all',
    bytes: 'bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'histogram',
    percentileError: 0.01,
    resolutionMs: 1,
    averagesRates: true,
    model: 'open',
    notes: [
      'Its response time begins when the request was written and ends with the first byte of the response: neither connecting nor the body is in it.',
      'A status is never an error: 503s are in its latencies like any other response.',
      'A virtual user ends at its first error, so that the rest of its requests is never sent.',
      'It reads percentiles from a sketch, to 1 % of whole milliseconds.',
    ],
  },
  prepare,
  recognizes: source => /^\s*\{\s*"aggregate"\s*:/.test(beginningOf(source)),
  read,
}

function prepare({ args }: ToolCommand, { url }: TargetAddress, folder: string): PreparedCommand {
  const at = args.findIndex(arg => arg === 'run' || arg === 'quick')
  const named = optionValue(args, ['--output', '-o'])
  const options: string[] = []
  const added: string[] = []
  if (at !== -1 && args[at] === 'run' && !hasOption(args, ['--target', '-t'])) {
    options.push('--target', url)
    added.push(`--target ${url}, so that the load goes to the target and not where the script says`)
  }
  const file = named ?? join(folder, 'artillery.json')
  if (at !== -1 && named === undefined) {
    options.push('--output', file)
    added.push('--output, so that Artillery writes a report that can be read')
  }
  return {
    args: [...args.slice(0, at + 1), ...options, ...args.slice(at + 1)],
    env: {},
    added,
    files: at === -1 ? [] : [file],
    readsStdout: false,
    // The load stands in the phases of the script.
    requested: {},
  }
}

function read(sources: readonly ReportSource[]): ToolReport {
  const source = sourceOf(sources, FORMAT, artillery)
  const {
    counters,
    summaries = {},
    rates,
    firstMetricAt,
    lastMetricAt,
  } = readJsonSource(source, FORMAT, shape).aggregate
  const requests = counters['http.requests'] ?? 0
  const errors = countsBelow(counters, 'errors.')
  const unanswered = requests - (counters['http.responses'] ?? 0)
  const failures = totalOf(errors)
  const rate = rates?.['http.request_rate']
  const total: ToolRow = {
    name: '',
    requests,
    failures,
    statuses: countsBelow(counters, 'http.codes.'),
    ...(failures > 0 && { errors }),
    ...(counters['http.downloaded_bytes'] !== undefined && { receivedBytes: counters['http.downloaded_bytes'] }),
    ...(rate && { requestsPerSecond: rate }),
    ...latencyOf(summaries['http.response_time']),
  }
  const rows = rowsOf(counters, summaries)
  const areErrorsOfChecks = failures > unanswered
  return {
    tool: artillery.name,
    sources: [source.name],
    ...(firstMetricAt !== undefined && { startedAt: firstMetricAt }),
    ...(lastMetricAt !== undefined && { endedAt: lastMetricAt }),
    ...(firstMetricAt !== undefined && lastMetricAt !== undefined && { durationMs: lastMetricAt - firstMetricAt }),
    rows,
    total,
    ...(areErrorsOfChecks && { traits: { failure: 'checks' as const } }),
    remarks: [
      'response times end with the first byte of the response',
      ...(areErrorsOfChecks
        ? [`${failures - unanswered} of the errors are failed captures or checks, not failed requests`]
        : []),
      ...(rows.length === 0 && requests > 0
        ? [`it has no metrics by endpoint: the plugin metrics-by-endpoint is off`]
        : []),
    ],
  }
}

/** Returns a row for each endpoint, whose names hold dots themselves. */
function rowsOf(counters: Counters, summaries: Summaries): ToolRow[] {
  const rows = new Map<string, ToolRow>()
  const prefixes = prefixesIn(summaries)
  for (const [key, count] of Object.entries(counters)) {
    const prefix = prefixes.find(each => key.startsWith(`${each}.`))
    const [, name, kind, what] =
      prefix === undefined ? [] : (/^(.+)\.(codes|errors)\.(.+?)$/s.exec(key.slice(prefix.length + 1)) ?? [])
    if (name === undefined || what === undefined) continue
    const row = rows.get(name) ?? {
      name,
      ...pathIn(name),
      requests: 0,
      statuses: {},
      ...latencyOf(summaries[prefix + TIMES + name]),
    }
    row.requests += count
    if (kind === 'codes') row.statuses = { ...row.statuses, [what]: count }
    else {
      row.errors = { ...row.errors, [what]: count }
      row.failures = (row.failures ?? 0) + count
    }
    rows.set(name, row)
  }
  return [...rows.values()].map(row => ({ failures: 0, ...row }))
}

/** The plugin's prefix is a setting of it. */
function prefixesIn(summaries: Summaries): string[] {
  const named = Object.keys(summaries)
    .filter(key => key.includes(TIMES) && !key.startsWith('http.'))
    .map(key => key.slice(0, key.indexOf(TIMES)))
  return [...new Set([ENDPOINTS, ...named])]
}

/** A name is `/path` or `/path (name)`. */
function pathIn(name: string): Pick<ToolRow, 'path'> {
  const [, path] = /^(\/\S*)(?: \(.*\))?$/s.exec(name) ?? []
  return path === undefined ? {} : { path }
}

function countsBelow(counters: Counters, prefix: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counters)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, count]) => [key.slice(prefix.length), count]),
  )
}

function latencyOf(summary: Record<string, number> | undefined): { latency?: ToolLatency } {
  if (summary === undefined || summary['count'] === 0) return {}
  return {
    latency: {
      ...(summary['mean'] !== undefined && { meanMs: summary['mean'] }),
      minMs: summary['min']!,
      maxMs: summary['max']!,
      percentiles: Object.entries(summary)
        .filter(([key]) => /^p\d+$/.test(key))
        .map(([key, valueMs]) => ({ percentile: percentileIn(key), valueMs }))
        .sort((a, b) => a.percentile - b.percentile),
    },
  }
}

/** `p99` is 99 and `p999` is 99.9. */
function percentileIn(key: string): number {
  const digits = key.slice(1)
  return Number(digits.length > 2 ? `${digits.slice(0, 2)}.${digits.slice(2)}` : digits)
}
