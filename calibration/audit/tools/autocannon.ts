import { Type } from 'typebox'
import { checker } from '../../../core/check.ts'
import { argsWith, hasOption, optionValue } from '../reading/command-options.ts'
import { readJsonSource } from '../reading/json-source.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { beginningOf, sourceOf } from '../reading/source-text.ts'
import type { PreparedCommand, ReportSource, RequestedLoad, Tool, ToolCommand } from '../tool.ts'
import type { ToolLatency, ToolReport, ToolRow } from '../tool-report.ts'

const FORMAT = 'the JSON of autocannon (--json)'
const DEFAULT_CONNECTIONS = 10

const Count = Type.Integer({ minimum: 0 })
const Numbers = Type.Record(Type.String(), Type.Number())

const shape = checker(
  Type.Object({
    url: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
    connections: Count,
    duration: Type.Number({ minimum: 0 }),
    start: Type.Optional(Type.String()),
    finish: Type.Optional(Type.String()),
    errors: Count,
    timeouts: Count,
    mismatches: Count,
    non2xx: Count,
    '2xx': Count,
    statusCodeStats: Type.Optional(Type.Record(Type.String(), Type.Object({ count: Count }))),
    latency: Numbers,
    requests: Numbers,
    throughput: Numbers,
  }),
)

/** Reads what autocannon prints with `--json`: one summary, without names of requests. */
export const autocannon: Tool = {
  name: 'autocannon',
  programs: ['autocannon'],
  formats: ['JSON (--json)'],
  traits: {
    atEnd: 'drops',
    failure: 'not_2xx',
    counts: 'all',
    bytes: 'heads_and_bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'histogram',
    percentileError: 0.001,
    resolutionMs: 1,
    model: 'closed',
    notes: [
      'Its "total" counts responses, without errors; its "sent" counts requests, and is too high with a rate (-R, -r).',
      'With a rate it adds the waiting that coordinated omission hides to its latency, as samples that were never sent (-C turns this off).',
      'After a connection breaks, it times each later response on it from the start of an earlier request: its latency is then too long, by twice the mean and more.',
      'It tells times to 1 ms, and leaves times of 0 out of its minimum.',
    ],
  },
  duration: { names: ['-d', '--duration'], written: String },
  prepare,
  recognizes: source => /^\s*\{/.test(beginningOf(source)) && /"statusCodeStats"|"sampleInt"/.test(beginningOf(source)),
  read,
}

function prepare(command: ToolCommand): PreparedCommand {
  const { args } = command
  const isAsked = hasOption(args, ['--json', '-j'])
  return {
    args: isAsked ? [...args] : argsWith(command, autocannon.programs, ['--json']),
    env: {},
    added: isAsked ? [] : ['--json, so that autocannon prints a report that can be read'],
    files: [],
    readsStdout: true,
    requested: requestedBy(args),
  }
}

function requestedBy(args: readonly string[]): RequestedLoad {
  const options = {
    users: ['-c', '--connections'],
    requests: ['-a', '--amount'],
    ratePerSecond: ['-R', '--overallRate'],
  }
  const requested = requestedLoad(args, { ...options, duration: ['-d', '--duration'], unit: 's' })
  // An amount makes it ignore the duration, and a rate of each connection the overall one.
  if (requested.requests !== undefined) delete requested.durationMs
  const each = Number(optionValue(args, ['-r', '--connectionRate']) ?? 0)
  if (each > 0) requested.ratePerSecond = each * (requested.users ?? DEFAULT_CONNECTIONS)
  return requested
}

function read(sources: readonly ReportSource[]): ToolReport {
  const source = sourceOf(sources, FORMAT, autocannon)
  const report = readJsonSource(source, FORMAT, shape)
  const { url, errors, timeouts, mismatches, non2xx, latency, requests, throughput } = report
  const answered = requests['total'] ?? report['2xx'] + non2xx
  const total: ToolRow = {
    name: '',
    requests: answered + errors,
    failures: errors + non2xx,
    ...(report.statusCodeStats && { statuses: statusesOf(report.statusCodeStats) }),
    ...(errors > 0 && { errors: errorsOf(errors, timeouts) }),
    ...(throughput['total'] !== undefined && { receivedBytes: throughput['total'] }),
    ...(requests['average'] !== undefined && { requestsPerSecond: requests['average'] }),
    ...(latency['totalCount'] !== 0 && { latency: latencyOf(latency) }),
  }
  const recorded = latency['totalCount'] ?? answered
  const isCorrected = recorded > answered
  const leavesErrorsOut = !isCorrected && non2xx > 0 && recorded === report['2xx']
  return {
    tool: autocannon.name,
    sources: [source.name],
    ...timesOf(report.start, report.finish),
    durationMs: 1000 * report.duration,
    rows: rowsOf(url, total),
    total,
    ...(isCorrected && { traits: { clock: 'due' as const } }),
    ...(leavesErrorsOut && { traits: { latencyOf: 'successes' as const } }),
    remarks: [
      ...(isCorrected
        ? [`latency has ${recorded} samples of ${answered} responses: it is corrected for omission`]
        : []),
      ...(leavesErrorsOut ? ['latency and bytes are those of 2xx only (--excludeErrorStats)'] : []),
      ...(errors > 0 ? [`${errors} connections broke, after which its latency is too long`] : []),
      ...(mismatches > 0
        ? [`${mismatches} responses had another body than --expectBody; they are no failures here`]
        : []),
      ...(latency['p0_001'] === 0 && (latency['min'] ?? 0) > 0 ? ['the minimum leaves out times below 1 ms'] : []),
    ],
  }
}

function statusesOf(stats: Record<string, { count: number }>): Record<string, number> {
  return Object.fromEntries(Object.entries(stats).map(([status, { count }]) => [status, count]))
}

function errorsOf(errors: number, timeouts: number): Record<string, number> {
  return { ...(errors > timeouts && { error: errors - timeouts }), ...(timeouts > 0 && { timeout: timeouts }) }
}

/** Percentiles have names such as `p97_5`. */
function latencyOf(latency: Record<string, number>): ToolLatency {
  return {
    ...(latency['mean'] !== undefined && { meanMs: latency['mean'] }),
    ...(latency['min'] !== undefined && { minMs: latency['min'] }),
    ...(latency['max'] !== undefined && { maxMs: latency['max'] }),
    percentiles: Object.entries(latency)
      .filter(([name]) => /^p\d+(_\d+)?$/.test(name))
      .map(([name, valueMs]) => ({ percentile: Number(name.slice(1).replace('_', '.')), valueMs }))
      .sort((a, b) => a.percentile - b.percentile),
  }
}

/** A URL without a path may stand for the requests of a HAR file, which have others. */
function rowsOf(url: string | string[] | undefined, total: ToolRow): ToolRow[] {
  if (typeof url !== 'string' || !URL.canParse(url)) return []
  const { pathname } = new URL(url)
  return pathname === '/' ? [] : [{ ...total, name: url, path: pathname }]
}

function timesOf(start = '', finish = ''): Pick<ToolReport, 'startedAt' | 'endedAt'> {
  const [startedAt, endedAt] = [Date.parse(start), Date.parse(finish)]
  return { ...(startedAt > 0 && { startedAt }), ...(endedAt > 0 && { endedAt }) }
}
