import { join } from 'node:path'
import {
  ReportError,
  type PreparedCommand,
  type ReportSource,
  type TargetAddress,
  type Tool,
  type ToolCommand,
} from '../tool.ts'
import type { ToolLatency, ToolReport, ToolRow } from '../tool-report.ts'
import { argsWith, optionValue, unchanged } from '../reading/command-options.ts'
import { PrintedReport } from '../reading/printed-report.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { beginningOf, linesOf } from '../reading/source-text.ts'
import { quotedStart } from '../../../core/quoted-start.ts'

/** Percentages that ab prints; `-e` has each from 0 to 100. */
const PRINTED = new Set([50, 66, 75, 80, 90, 95, 98, 99, 100])
const CSV_HEAD = 'Percentage served,Time in ms'

/** Reads what ab prints, and the percentiles that it writes with `-e`, which are finer. */
export const ab: Tool = {
  name: 'ab',
  programs: ['ab'],
  formats: ['its output', 'percentiles (-e)'],
  traits: {
    atEnd: 'drops',
    failure: 'checks',
    counts: 'all',
    bytes: 'bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'exact',
    percentileError: 0,
    model: 'closed',
    notes: [
      'A failure is a response of another length than the first one, or none; -l leaves lengths alone. A 503 of the same length is none.',
      'It opens a new connection for each request unless it is told -k, and its times include that.',
      'Its output rounds times to 1 ms; -e writes them to 1 µs.',
      'It ends at 50,000 requests with -t, unless -n behind it says more.',
    ],
  },
  duration: { names: ['-t'], written: String },
  prepare,
  recognizes: source => isPrinted(source) || isPercentiles(source),
  read,
}

function prepare(command: ToolCommand, _target: TargetAddress, folder: string): PreparedCommand {
  const options = { users: ['-c'], requests: ['-n'], duration: ['-t'], unit: 's' }
  const prepared = unchanged(command, requestedLoad(command.args, options))
  const named = optionValue(command.args, ['-e'])
  if (named !== undefined) return { ...prepared, files: [named] }
  const file = join(folder, 'ab.csv')
  return {
    ...prepared,
    args: argsWith(command, ab.programs, ['-e', file]),
    added: ['-e, so that ab writes its percentiles more finely than it prints them'],
    files: [file],
  }
}

function isPrinted(source: ReportSource): boolean {
  return /^This is ApacheBench/m.test(beginningOf(source))
}

function isPercentiles(source: ReportSource): boolean {
  return beginningOf(source).startsWith(CSV_HEAD)
}

function read(sources: readonly ReportSource[]): ToolReport {
  const output = sources.find(isPrinted)
  const percentiles = sources.find(isPercentiles)
  if (output === undefined) {
    const names = sources.map(({ name }) => name).join(', ')
    throw new ReportError(
      `${names}: expected the output of ab, which begins with "This is ApacheBench". ${percentiles === undefined ? 'This is of another tool.' : 'Its percentiles alone do not say how many requests there were: pass the output too.'}`,
    )
  }
  const printed = new PrintedReport(output, 'the output of ab')
  const total: ToolRow = {
    name: '',
    requests: printed.neededNumber(/^Complete requests:\s*(\d+)/m, 'line "Complete requests"'),
    failures: printed.neededNumber(/^Failed requests:\s*(\d+)/m, 'line "Failed requests"'),
    receivedBytes: printed.neededNumber(/^HTML transferred:\s*(\d+)/m, 'line "HTML transferred"'),
    requestsPerSecond: printed.neededNumber(/^Requests per second:\s*([\d.]+)/m, 'line "Requests per second"'),
  }
  const reasons = failuresIn(printed)
  const errors = reasons.filter(([kind, count]) => kind !== 'Length' && count > 0)
  if (errors.length > 0) total.errors = Object.fromEntries(errors)
  const latency = latencyIn(printed)
  const fine = percentiles === undefined ? undefined : percentilesIn(percentiles)
  if (latency !== undefined) {
    if (fine !== undefined) latency.percentiles = fine
    total.latency = latency
  }
  const path = printed.find(/^Document Path:[ \t]*(\S+)/m)?.[0]
  const version = printed.find(/ApacheBench, Version (\S+)/)?.[0]
  const lengths = reasons.find(([kind]) => kind === 'Length')?.[1] ?? 0
  const not2xx = printed.number(/^Non-2xx responses:\s*(\d+)/m)
  return {
    tool: ab.name,
    ...(version === undefined ? {} : { version }),
    sources: [output.name, ...(percentiles === undefined ? [] : [percentiles.name])],
    durationMs: printed.ms(printed.need(/^Time taken for tests:\s*([\d.]+ \w+)/m, 'line "Time taken for tests"')[0]!),
    rows: path === undefined ? [] : [{ ...total, name: path, path }],
    total,
    remarks: [
      ...(fine === undefined ? ['times are rounded to 1 ms'] : ['minimum, mean and maximum are rounded to 1 ms']),
      ...(lengths > 0
        ? [`${lengths} of the failures are responses of another length than the first, which may be good ones`]
        : []),
      ...(not2xx === undefined ? [] : [`${not2xx} responses were not 2xx`]),
    ],
  }
}

/** Returns what failed and how often: Connect, Receive, Length and Exceptions. */
function failuresIn(printed: PrintedReport): [kind: string, count: number][] {
  const [text = ''] = printed.find(/^\s+\((Connect: .+)\)\s*$/m) ?? []
  return [...text.matchAll(/(\w+): (\d+)/g)].map(([, kind, count]) => [kind!, Number(count)])
}

function latencyIn(printed: PrintedReport): ToolLatency | undefined {
  const total = printed.find(/^Total:\s+(\d+)\s+(\d+)\s+[\d.]+\s+\d+\s+(\d+)/m)?.map(Number)
  if (total === undefined) return undefined
  const [minMs, meanMs, maxMs] = total as [number, number, number]
  const [, served = ''] = printed.text.split('Percentage of the requests served', 2)
  const percentiles = [...served.matchAll(/^\s*(\d+)%\s+(\d+)/gm)].map(([, percentile, value]) => ({
    percentile: Number(percentile),
    valueMs: Number(value),
  }))
  return { minMs, meanMs, maxMs, percentiles }
}

function percentilesIn(source: ReportSource): { percentile: number; valueMs: number }[] {
  const percentiles: { percentile: number; valueMs: number }[] = []
  for (const { number, text } of linesOf(source)) {
    if (number === 1) continue
    const [, percentile, value] = /^(\d+),([\d.]+)$/.exec(text) ?? []
    if (value === undefined) {
      throw new ReportError(
        `${source.name}: line ${number}: expected a percentage and ms as ab -e writes them, got ${quotedStart(text)}.`,
      )
    }
    percentiles.push({ percentile: Number(percentile), valueMs: Number(value) })
  }
  if (percentiles.at(-1)?.percentile !== 100) {
    throw new ReportError(
      `${source.name}: expected percentages up to 100 as ab -e writes them, got ${percentiles.length} lines. The file is cut off: pass the whole of it, or only the output of ab.`,
    )
  }
  return percentiles.filter(({ percentile }) => PRINTED.has(percentile))
}
