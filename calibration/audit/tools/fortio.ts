import { join } from 'node:path'
import { Type } from 'typebox'
import { checker } from '../../../core/check.ts'
import { ReportError } from '../tool.ts'
import type { PreparedCommand, ReportSource, TargetAddress, Tool, ToolCommand } from '../tool.ts'
import type { ToolReport, ToolRow } from '../tool-report.ts'
import { argsWith, hasOption, optionValue, unchanged } from '../reading/command-options.ts'
import { readJsonSource } from '../reading/json-source.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { beginningOf, sourceOf } from '../reading/source-text.ts'

const FORMAT = 'the JSON of fortio load (-json)'

const count = Type.Integer({ minimum: 0 })
const seconds = Type.Number({ minimum: 0 })
const json = checker(
  Type.Object({
    RunType: Type.String(),
    StartTime: Type.String(),
    ActualQPS: Type.Number({ minimum: 0 }),
    /** Nanoseconds. */
    ActualDuration: Type.Number({ minimum: 0 }),
    Version: Type.String(),
    DurationHistogram: Type.Object({
      Count: count,
      Min: seconds,
      Max: seconds,
      Avg: seconds,
      Percentiles: Type.Union([
        Type.Array(Type.Object({ Percentile: Type.Number({ minimum: 0, maximum: 100 }), Value: seconds })),
        Type.Null(),
      ]),
    }),
    ErrorsDurationHistogram: Type.Optional(Type.Object({ Count: count })),
    RetCodes: Type.Optional(Type.Record(Type.String(), count)),
    URL: Type.Optional(Type.String()),
    DisableFastClient: Type.Optional(Type.Boolean()),
    Sizes: Type.Optional(Type.Object({ Sum: Type.Number({ minimum: 0 }) })),
  }),
)

/** Reads the JSON of `fortio load`, whose times are seconds, and whose duration is nanoseconds. */
export const fortio: Tool = {
  name: 'fortio',
  programs: ['fortio'],
  formats: ['JSON (load -json file)'],
  traits: {
    atEnd: 'waits',
    warmsUp: true,
    resends: true,
    failure: 'not_2xx',
    counts: 'all',
    bytes: 'heads_and_bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'histogram',
    // Buckets are 1 ms wide up to 10 ms, and grow to a quarter of their value; it interpolates within them.
    percentileError: 0.25,
    resolutionMs: 1,
    model: 'closed',
    notes: [
      'It sends one request on each connection before it begins, and does not count it.',
      'It makes 8 requests per second, unless -qps says otherwise.',
      'It opens a new connection after each status that is not 2xx.',
      'A first response that is not 2xx ends it, unless it is told -allow-initial-errors.',
    ],
  },
  duration: { names: ['-t', '--t'], style: 'words' },
  prepare,
  recognizes: source => {
    const beginning = beginningOf(source)
    return /^\s*\{/.test(beginning) && beginning.includes('"RunType"') && beginning.includes('"RequestedQPS"')
  },
  read,
}

function prepare(command: ToolCommand, _target: TargetAddress, folder: string): PreparedCommand {
  const { args } = command
  const options = {
    users: ['-c', '--c'],
    requests: ['-n', '--n'],
    ratePerSecond: ['-qps', '--qps'],
    duration: ['-t', '--t'],
    style: 'words',
  } as const
  const prepared = { ...unchanged(command, requestedLoad(args, options)), readsStdout: false }
  const named = optionValue(args, ['-json', '--json'], 'words')
  if (named === '-') return { ...prepared, readsStdout: true }
  if (named !== undefined) return { ...prepared, files: [named] }
  if (hasOption(args, ['-a', '--a'], 'words')) return prepared
  const file = join(folder, 'fortio.json')
  return {
    ...prepared,
    args: argsWith(command, ['load'], ['-json', file]),
    added: ['-json, so that fortio writes its numbers'],
    files: [file],
  }
}

function read(sources: readonly ReportSource[]): ToolReport {
  const source = sourceOf(sources, FORMAT, fortio)
  const run = readJsonSource(source, FORMAT, json)
  const startedAt = Date.parse(run.StartTime)
  if (run.RunType !== 'HTTP' || run.RetCodes === undefined) {
    throw new ReportError(
      `${source.name}: expected a run of HTTP, got ${run.RunType}. Only fortio load with a URL of http:// can be compared.`,
    )
  }
  if (Number.isNaN(startedAt)) {
    throw new ReportError(`${source.name}: expected a time in StartTime, got ${JSON.stringify(run.StartTime)}.`)
  }
  const { DurationHistogram: times, RetCodes: codes, URL: url } = run
  const durationMs = run.ActualDuration / 1e6
  const answered = Object.entries(codes).filter(([code]) => Number(code) > 0)
  const unanswered = Object.entries(codes).filter(([code]) => Number(code) <= 0)
  const total: ToolRow = {
    name: '',
    requests: times.Count,
    statuses: Object.fromEntries(answered),
    requestsPerSecond: run.ActualQPS,
  }
  if (run.ErrorsDurationHistogram !== undefined) total.failures = run.ErrorsDurationHistogram.Count
  if (unanswered.length > 0) {
    total.errors = Object.fromEntries(unanswered.map(([code, each]) => [`code ${code}`, each]))
  }
  // Its other client counts bodies only.
  if (run.Sizes !== undefined && run.DisableFastClient !== true) total.receivedBytes = run.Sizes.Sum
  if (times.Count > 0) {
    total.latency = {
      meanMs: times.Avg * 1000,
      minMs: times.Min * 1000,
      maxMs: times.Max * 1000,
      percentiles: (times.Percentiles ?? []).map(({ Percentile, Value }) => ({
        percentile: Percentile,
        valueMs: Value * 1000,
      })),
    }
  }
  return {
    tool: fortio.name,
    version: run.Version,
    sources: [source.name],
    startedAt,
    endedAt: startedAt + durationMs,
    durationMs,
    rows: url === undefined ? [] : [{ ...total, name: url, path: url }],
    total,
    remarks: ['percentiles are interpolated within the buckets of a histogram'],
  }
}
