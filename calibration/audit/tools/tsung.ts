import { join } from 'node:path'
import { Type } from 'typebox'
import { checker } from '../../../core/check.ts'
import {
  type PreparedCommand,
  ReportError,
  type ReportSource,
  type TargetAddress,
  type Tool,
  type ToolCommand,
} from '../tool.ts'
import type { ToolReport, ToolRow } from '../tool-report.ts'
import { argsWith, optionValue, unchanged } from '../reading/command-options.ts'
import { checkedJson, parseJson } from '../reading/json-source.ts'
import { SampleSums } from '../reading/sample-sums.ts'
import { beginningOf, linesOf, textOf, sourceOf } from '../reading/source-text.ts'

const FORMAT = 'the tsung.log or tsung.dump of Tsung'
const DUMP_HEAD = '#date;pid;id;http method;host;URL;HTTP status;size;duration;transaction;match;error;tag'

/** Reads tsung.log, the statistics of each interval, as text or JSON, and tsung.dump, one line a request. */
export const tsung: Tool = {
  name: 'tsung',
  programs: ['tsung'],
  formats: ['tsung.log (text or JSON)', 'tsung.dump (dumptraffic="protocol")'],
  traits: {
    atEnd: 'loses_interval',
    failure: 'transport',
    counts: 'all',
    bytes: 'heads_and_bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'none',
    percentileError: 0,
    model: 'open',
    notes: [
      'It writes tsung.log every 10 s, and tsung.dump in blocks: neither has the requests of its last moments.',
      'Its log has no percentiles; those of a dump are computed from its lines.',
      'Errors are counted by kind, and one failed request may be several of them.',
      'Its file names the target, as {host} and {port}: Tsung has no option for it.',
    ],
  },
  scriptOption: ['-f'],
  prepare,
  recognizes: source => formatOf(source) !== undefined,
  read,
}

function prepare(command: ToolCommand, _target: TargetAddress, folder: string): PreparedCommand {
  const prepared = { ...unchanged(command, {}), readsStdout: false }
  const named = optionValue(command.args, ['-l'])
  if (named !== undefined) return { ...prepared, files: [named] }
  const logs = join(folder, 'tsung')
  return {
    ...prepared,
    args: argsWith(command, tsung.programs, ['-l', logs]),
    added: ['-l, so that Tsung writes its logs where the audit finds them'],
    files: [logs],
  }
}

function formatOf(source: ReportSource): 'text' | 'json' | 'dump' | undefined {
  const beginning = beginningOf(source)
  if (/^# stats: dump at \d+/m.test(beginning)) return 'text'
  if (/^\s*\{\s*"stats": \[/.test(beginning)) return 'json'
  return beginning.startsWith('#date;pid;id;') ? 'dump' : undefined
}

function read(sources: readonly ReportSource[]): ToolReport {
  sourceOf(sources, FORMAT, tsung)
  const log = sources.find(source => ['text', 'json'].includes(formatOf(source) ?? ''))
  const dump = sources.find(source => formatOf(source) === 'dump')
  const requests = dump === undefined ? undefined : readDump(dump)
  const used = [log, dump].filter(source => source !== undefined).map(({ name }) => name)
  if (log === undefined) return { tool: tsung.name, sources: used, ...requests! }
  const statistics = formatOf(log) === 'text' ? readText(log) : readJson(log)
  return {
    tool: tsung.name,
    sources: used,
    ...(statistics.durationMs === undefined ? {} : { durationMs: statistics.durationMs }),
    rows: requests?.rows ?? [],
    total: totalOf(statistics, log.name),
    ...(requests?.startedAt === undefined ? {} : { startedAt: requests.startedAt }),
    ...(requests?.samples === undefined ? {} : { samples: requests.samples }),
    remarks: [
      'requests after the last interval of 10 s are missing',
      ...(requests === undefined ? [] : [`rows are from ${dump!.name}, which ends at another moment than ${log.name}`]),
    ],
  }
}

/** Sums over all intervals. */
interface Statistics {
  /** Absent from text, which does not say when its first interval began. */
  durationMs?: number
  /** Counters by name. */
  counts: Map<string, number>
  /** Times of requests. */
  request: { count: number; meanMs: number; minMs: number; maxMs: number } | undefined
}

/** Reads `stats: name interval total` and, for times, `stats: name count mean deviation max min mean-before count-before`. */
function readText(source: ReportSource): Statistics {
  const counts = new Map<string, number>()
  const moments: number[] = []
  let request: Statistics['request']
  let isEnded = false
  for (const { number, text } of linesOf(source)) {
    const moment = /^# stats: dump at (\d+)$/.exec(text)?.[1]
    if (moment !== undefined) moments.push(Number(moment))
    isEnded ||= text.startsWith('EndMonitor:')
    const [, name, figures = ''] = /^stats: (\S+) (.+)$/.exec(text) ?? []
    // A name in braces is a measurement of a machine.
    if (name === undefined || name.startsWith('{')) continue
    const values = figures.split(' ').map(Number)
    if (values.some(value => !Number.isFinite(value)) || (values.length !== 2 && values.length !== 7)) {
      throw new ReportError(
        `${source.name}: line ${number}: expected "stats: ${name}" with 2 or 7 numbers, got ${JSON.stringify(text.slice(0, 120))}. The log is damaged, or of another version.`,
      )
    }
    if (values.length === 2) counts.set(name, values[1]!)
    else if (name === 'request') request = timesOf(values as SevenNumbers)
  }
  spanOf(moments, source.name, isEnded)
  return { counts, request }
}

type SevenNumbers = [
  count: number,
  mean: number,
  deviation: number,
  max: number,
  min: number,
  meanBefore: number,
  countBefore: number,
]

function timesOf([count, mean, , maxMs, minMs, meanBefore, countBefore]: SevenNumbers): NonNullable<
  Statistics['request']
> {
  const all = count + countBefore
  return { count: all, meanMs: all === 0 ? 0 : (mean * count + meanBefore * countBefore) / all, minMs, maxMs }
}

const sample = Type.Object({
  name: Type.String(),
  value: Type.Number(),
  total: Type.Optional(Type.Number()),
  mean: Type.Optional(Type.Number()),
  max: Type.Optional(Type.Number()),
  min: Type.Optional(Type.Number()),
  global_mean: Type.Optional(Type.Number()),
  global_count: Type.Optional(Type.Number()),
})
const jsonLog = checker(
  Type.Object({ stats: Type.Array(Type.Object({ timestamp: Type.Number(), samples: Type.Array(sample) })) }),
)

function readJson(source: ReportSource): Statistics {
  const format = 'the JSON log of Tsung'
  const { stats } = checkedJson(parseJson(textOf(source), source.name, format), source.name, format, jsonLog)
  const counts = new Map<string, number>()
  let request: Statistics['request']
  for (const { samples } of stats) {
    for (const { name, value, total, mean = 0, max = 0, min = 0, global_mean = 0, global_count = 0 } of samples) {
      if (total !== undefined) counts.set(name.replace(/^http_(?=\d{3}$)/, ''), total)
      else if (name === 'request') request = timesOf([value, mean, 0, max, min, global_mean, global_count])
    }
  }
  return {
    durationMs: spanOf(
      stats.map(({ timestamp }) => timestamp),
      source.name,
      true,
    ),
    counts,
    request,
  }
}

function spanOf(seconds: readonly number[], name: string, isEnded: boolean): number {
  const [first, last] = [seconds[0], seconds.at(-1)]
  if (first !== undefined && last !== undefined && isEnded) return (last - first) * 1000
  throw new ReportError(
    `${name}: expected a log of Tsung up to its end ("EndMonitor"), got ${seconds.length} intervals without it. Tsung was ended early, or the log is cut off: let it run to its end.`,
  )
}

function totalOf({ counts, request }: Statistics, name: string): ToolRow {
  if (request === undefined) {
    throw new ReportError(
      `${name}: expected statistics of requests ("request"), but it has none. Tsung sent nothing, or ended before its first interval of 10 s.`,
    )
  }
  const statuses = [...counts].filter(([key]) => /^\d{3}$/.test(key))
  const errors = [...counts].filter(([key]) => key.startsWith('error'))
  const { count, meanMs, minMs, maxMs } = request
  const total: ToolRow = {
    name: '',
    requests: count,
    statuses: Object.fromEntries(statuses),
    latency: { meanMs, minMs, maxMs, percentiles: [] },
  }
  if (errors.length > 0) total.errors = Object.fromEntries(errors)
  const [receivedBytes, sentBytes] = [counts.get('size_rcv'), counts.get('size_sent')]
  if (receivedBytes !== undefined) total.receivedBytes = receivedBytes
  if (sentBytes !== undefined) total.sentBytes = sentBytes
  return total
}

function readDump(source: ReportSource): Omit<ToolReport, 'tool' | 'sources'> {
  const log = new SampleSums()
  for (const { number, text, isWhole } of linesOf(source)) {
    if (number === 1 && text !== DUMP_HEAD) {
      throw new ReportError(
        `${source.name}: expected the columns ${DUMP_HEAD}, got ${text.slice(0, 200)}. It is of another version, or of a session that is not HTTP.`,
      )
    }
    if (text.startsWith('#')) continue
    const values = text.split(';')
    const [seconds, status, elapsedMs] = [Number(values[0]), Number(values[6]), Number(values[8])]
    if (values.length < 13 || !(seconds > 0) || Number.isNaN(status) || Number.isNaN(elapsedMs)) {
      const why = isWhole ? 'The dump is damaged.' : 'The dump is cut off: let Tsung run to its end.'
      throw new ReportError(
        `${source.name}: line ${number}: expected 13 values with a time in seconds, a status and a duration in ms, got ${JSON.stringify(text.slice(0, 120))}. ${why}`,
      )
    }
    const [method, path, error] = [values[3]!.toUpperCase(), values[5]!, values[11]!]
    log.add({
      name: `${method} ${path}`,
      method,
      path,
      // A line has the time of its response.
      startedAt: seconds * 1000 - elapsedMs,
      elapsedMs,
      status,
      failed: error !== '',
      receivedBytes: Number(values[7]),
      ...(error === '' ? {} : { error }),
    })
  }
  return log.report()
}
