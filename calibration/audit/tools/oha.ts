import { join } from 'node:path'
import { Type } from 'typebox'
import { checker } from '../../../core/check.ts'
import type { PreparedCommand, ReportSource, TargetAddress, Tool, ToolCommand } from '../tool.ts'
import { type ToolReport, type ToolRow, totalOf } from '../tool-report.ts'
import { argsWith, hasOption, optionValue, unchanged } from '../reading/command-options.ts'
import { readJsonSource } from '../reading/json-source.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { beginningOf, sourceOf } from '../reading/source-text.ts'

const FORMAT = 'the JSON of oha (--output-format json)'

const count = Type.Integer({ minimum: 0 })
/** Null where there was no response to measure. */
const seconds = Type.Union([Type.Number({ minimum: 0 }), Type.Null()])
const json = checker(
  Type.Object({
    summary: Type.Object({
      total: Type.Number({ minimum: 0 }),
      slowest: seconds,
      fastest: seconds,
      average: seconds,
      requestsPerSec: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
      totalData: count,
    }),
    latencyPercentiles: Type.Record(Type.String(), seconds),
    statusCodeDistribution: Type.Record(Type.String(), count),
    errorDistribution: Type.Record(Type.String(), count),
  }),
)

/** Reads the JSON of oha, whose times are seconds. */
export const oha: Tool = {
  name: 'oha',
  programs: ['oha'],
  formats: ['JSON (--output-format json; -j before 1.5)'],
  traits: {
    atEnd: 'errors',
    failure: 'transport',
    counts: 'all',
    bytes: 'bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'exact',
    percentileError: 0,
    model: 'closed',
    notes: [
      'Requests in flight at the end of -z are errors ("aborted due to deadline"), unless it is told --wait-ongoing-requests-after-deadline.',
      'Its success rate is of responses, whatever their status, and leaves out requests that the deadline ended.',
      'With -q and --latency-correction its times begin when a request was due.',
      'Latencies are those of responses: a request without one has none.',
    ],
  },
  duration: { names: ['-z'] },
  prepare,
  recognizes: source => /^\s*\{\s*"summary":\s*\{\s*"successRate":/.test(beginningOf(source)),
  read,
}

function prepare(command: ToolCommand, _target: TargetAddress, folder: string): PreparedCommand {
  const { args } = command
  const options = { users: ['-c'], requests: ['-n'], ratePerSecond: ['-q'], duration: ['-z'] }
  const requested = requestedLoad(args, options)
  if (requested.durationMs !== undefined) delete requested.requests
  const prepared = unchanged(command, requested)
  const named = optionValue(args, ['-o', '--output'])
  if (hasOption(args, ['--output-format', '-j', '--json'])) {
    return named === undefined ? prepared : { ...prepared, files: [named], readsStdout: false }
  }
  const file = named ?? join(folder, 'oha.json')
  // It refuses an option that is there twice.
  const quiet = hasOption(args, ['--no-tui']) ? [] : ['--no-tui']
  const added = ['--output-format', 'json', ...quiet, ...(named === undefined ? ['-o', file] : [])]
  return {
    ...prepared,
    args: argsWith(command, oha.programs, added),
    added: [`${added.join(' ')}, so that oha writes its numbers as JSON`],
    files: [file],
    readsStdout: false,
  }
}

function read(sources: readonly ReportSource[]): ToolReport {
  const source = sourceOf(sources, FORMAT, oha)
  const { summary, latencyPercentiles, statusCodeDistribution, errorDistribution } = readJsonSource(
    source,
    FORMAT,
    json,
  )
  const failures = totalOf(errorDistribution)
  const total: ToolRow = {
    name: '',
    requests: totalOf(statusCodeDistribution) + failures,
    failures,
    statuses: statusCodeDistribution,
    receivedBytes: summary.totalData,
  }
  if (failures > 0) total.errors = errorDistribution
  if (summary.requestsPerSec !== null) total.requestsPerSecond = summary.requestsPerSec
  const { average, fastest, slowest } = summary
  if (totalOf(statusCodeDistribution) > 0 && average !== null && fastest !== null && slowest !== null) {
    total.latency = {
      meanMs: average * 1000,
      minMs: fastest * 1000,
      maxMs: slowest * 1000,
      percentiles: Object.entries(latencyPercentiles)
        .flatMap(([name, value]) =>
          value === null ? [] : [{ percentile: Number(name.slice(1)), valueMs: value * 1000 }],
        )
        .sort((a, b) => a.percentile - b.percentile),
    }
  }
  return {
    tool: oha.name,
    sources: [source.name],
    durationMs: summary.total * 1000,
    rows: [],
    total,
    remarks: [],
  }
}
