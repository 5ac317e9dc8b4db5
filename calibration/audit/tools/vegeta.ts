import { join } from 'node:path'
import { Type } from 'typebox'
import { checker } from '../../../core/check.ts'
import { optionValue } from '../reading/command-options.ts'
import { readJsonSource } from '../reading/json-source.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { SampleSums } from '../reading/sample-sums.ts'
import { beginningOf, sourceOf } from '../reading/source-text.ts'
import type { PreparedCommand, ReportSource, RequestedLoad, TargetAddress, Tool, ToolCommand } from '../tool.ts'
import type { ToolReport, ToolRow } from '../tool-report.ts'
import { isEncodedCsv, isEncodedJson, isGob, vegetaResults } from './vegeta-results.ts'

const FORMAT = 'results of vegeta attack, vegeta encode (JSON or CSV) or vegeta report -type json'
const NS_PER_MS = 1e6
const SECONDS_PER: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }
const PERCENTILES = { '50th': 50, '90th': 90, '95th': 95, '99th': 99 } as const

const Count = Type.Integer({ minimum: 0 })
const Bytes = Type.Object({ total: Type.Number({ minimum: 0 }) })

const shape = checker(
  Type.Object({
    latencies: Type.Object({
      mean: Type.Number(),
      min: Type.Number(),
      max: Type.Number(),
      '50th': Type.Number(),
      '90th': Type.Number(),
      '95th': Type.Number(),
      '99th': Type.Number(),
    }),
    bytes_in: Bytes,
    bytes_out: Bytes,
    earliest: Type.String(),
    end: Type.String(),
    duration: Type.Number(),
    wait: Type.Number(),
    requests: Count,
    rate: Type.Number(),
    status_codes: Type.Record(Type.String(), Count),
    errors: Type.Union([Type.Array(Type.String()), Type.Null()]),
  }),
)

/** Reads Vegeta's results in any encoding, or its JSON report. */
export const vegeta: Tool = {
  name: 'vegeta',
  programs: ['vegeta'],
  formats: ['results (attack -output)', 'JSON and CSV (encode)', 'JSON report (report -type json)'],
  traits: {
    atEnd: 'waits',
    resends: true,
    failure: 'status_400',
    counts: 'all',
    bytes: 'decoded_bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'exact',
    percentileError: 0,
    model: 'open',
    notes: [
      'Go’s HTTP client sends a GET again when its reused connection breaks before a response: Vegeta counts both as one request.',
      'It starts more workers to keep its rate. With -max-workers it sends late instead, and its latency does not show that.',
      'It counts the bytes of a body up to -max-body only.',
      'Its JSON report estimates percentiles from a digest.',
    ],
  },
  duration: { names: ['-duration', '--duration'] },
  prepare,
  recognizes: source => isGob(source) || isEncodedCsv(source) || isEncodedJson(source) || isReport(source),
  read,
}

function prepare({ args }: ToolCommand, _target: TargetAddress, folder: string): PreparedCommand {
  const at = args.indexOf('attack')
  const named = optionValue(args, ['-output', '--output'])
  const isNamed = named !== undefined && named !== 'stdout'
  const file = isNamed ? named : join(folder, 'vegeta.bin')
  return {
    args:
      isNamed || at === -1
        ? [...args]
        : [...args.slice(0, at + 1), '-output', file, ...withoutOutput(args.slice(at + 1))],
    env: {},
    added: isNamed || at === -1 ? [] : ['-output, because Vegeta’s results are binary and would go to the terminal'],
    files: at === -1 ? [] : [file],
    readsStdout: at === -1,
    requested: requestedBy(args),
  }
}

/** The last of two options would count. */
function withoutOutput(args: readonly string[]): string[] {
  return args.filter((arg, index) => !/^--?output(=|$)/.test(arg) && !/^--?output$/.test(args[index - 1] ?? ''))
}

/** A rate is `50`, `50/1s` or `3000/m`; 0 and `infinity` mean none. */
function requestedBy(args: readonly string[]): RequestedLoad {
  const requested = requestedLoad(args, { duration: ['-duration', '--duration'] })
  const [, count, amount = '1', unit = 's'] =
    /^(\d+)(?:\/(\d+)?(ns|us|µs|ms|s|m|h))?$/.exec(optionValue(args, ['-rate', '--rate']) ?? '') ?? []
  const ratePerSecond = Number(count ?? 0) / (Number(amount) * SECONDS_PER[unit]!)
  return { ...requested, ...(ratePerSecond > 0 && { ratePerSecond }) }
}

function isReport(source: ReportSource): boolean {
  return /^\s*\{\s*"latencies"\s*:/.test(beginningOf(source)) && beginningOf(source).includes('"50th"')
}

function read(sources: readonly ReportSource[]): ToolReport {
  const source = sourceOf(sources, FORMAT, vegeta)
  return isReport(source) ? readSummary(source) : readResults(source)
}

function readResults(source: ReportSource): ToolReport {
  const sums = new SampleSums()
  for (const result of vegetaResults(source)) sums.add(result)
  return withoutUnreadBytes({ tool: vegeta.name, sources: [source.name], ...sums.report() })
}

function readSummary(source: ReportSource): ToolReport {
  const report = readJsonSource(source, 'the JSON of vegeta report -type json', shape)
  const { latencies, requests, status_codes: codes, earliest, end } = report
  const { 0: unanswered = 0, ...statuses } = codes
  const failures = Object.entries(codes).reduce(
    (sum, [status, count]) => (Number(status) >= 200 && Number(status) < 400 ? sum : sum + count),
    0,
  )
  const total: ToolRow = {
    name: '',
    requests,
    failures,
    statuses,
    ...(unanswered > 0 && { errors: { 'without a response': unanswered } }),
    receivedBytes: report.bytes_in.total,
    sentBytes: report.bytes_out.total,
    requestsPerSecond: report.rate,
    ...(requests > 0 && {
      latency: {
        meanMs: latencies.mean / NS_PER_MS,
        minMs: latencies.min / NS_PER_MS,
        maxMs: latencies.max / NS_PER_MS,
        percentiles: Object.entries(PERCENTILES).map(([key, percentile]) => ({
          percentile,
          valueMs: latencies[key as keyof typeof PERCENTILES] / NS_PER_MS,
        })),
      },
    }),
  }
  return withoutUnreadBytes({
    tool: vegeta.name,
    sources: [source.name],
    ...(requests > 0 && { startedAt: Date.parse(earliest), endedAt: Date.parse(end) }),
    durationMs: (report.duration + report.wait) / NS_PER_MS,
    rows: [],
    total,
    traits: { percentiles: 'histogram', percentileError: 0.02 },
    remarks: ['it does not tell requests apart: the results themselves do'],
  })
}

/** Vegeta counts the bytes that it read, which are none with `-max-body 0`. */
function withoutUnreadBytes(report: ToolReport): ToolReport {
  if (report.total.receivedBytes !== 0 || report.total.requests === 0) return report
  for (const row of [...report.rows, report.total]) delete row.receivedBytes
  return {
    ...report,
    remarks: [...report.remarks, 'it read no bodies (-max-body 0), so that it counts no bytes'],
  }
}
