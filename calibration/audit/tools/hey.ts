import { type PreparedCommand, ReportError, type ReportSource, type Tool, type ToolCommand } from '../tool.ts'
import { type ToolLatency, type ToolReport, type ToolRow, totalOf } from '../tool-report.ts'
import { optionValue, unchanged } from '../reading/command-options.ts'
import { Latencies } from '../reading/latencies.ts'
import { PrintedReport } from '../reading/printed-report.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { beginningOf, linesOf, sourceOf } from '../reading/source-text.ts'
import { quotedStart } from '../../../core/quoted-start.ts'

const FORMAT = 'the summary that hey prints, or its CSV (-o csv)'
const CSV_HEAD = 'response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset'
/** Requests whose times and statuses hey keeps; it leaves out the rest. */
const MOST_KEPT = 1_000_000

/** Reads hey's summary, or its CSV with one line a response. */
export const hey: Tool = {
  name: 'hey',
  programs: ['hey'],
  formats: ['its printed summary', 'CSV (-o csv)'],
  traits: {
    atEnd: 'waits',
    resends: true,
    failure: 'transport',
    counts: 'all',
    bytes: 'bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'rounded',
    percentileError: 0,
    resolutionMs: 0.1,
    model: 'closed',
    notes: [
      'A status is never a failure: 503s are in its latencies like any other response.',
      'It keeps the times and statuses of its first 1,000,000 responses only.',
      'It counts the bytes that Content-Length states: none of responses without it, chunked or compressed ones.',
      'With -n it sends as many requests as divide evenly among its workers.',
      'Its CSV has no line for a request without a response.',
    ],
  },
  duration: { names: ['-z'], style: 'words' },
  prepare,
  recognizes: source => isCsv(source) || isSummary(source),
  read,
}

function prepare(command: ToolCommand): PreparedCommand {
  const { args } = command
  const options = { users: ['-c'], requests: ['-n'], duration: ['-z'], style: 'words' } as const
  const requested = requestedLoad(args, options)
  if (requested.durationMs !== undefined) delete requested.requests
  // Its limit is one of each worker.
  const [rate, workers] = [Number(optionValue(args, ['-q'], 'words') ?? 0), requested.users ?? 50]
  if (rate > 0) requested.ratePerSecond = rate * workers
  return unchanged(command, requested)
}

function isCsv(source: ReportSource): boolean {
  return beginningOf(source).trimStart().startsWith('response-time,DNS+dialup')
}

function isSummary(source: ReportSource): boolean {
  const beginning = beginningOf(source)
  return /^Summary:\s*\n\s*Total:\s+[\d.]+ \w+\s*\n\s*Slowest:/m.test(beginning.replaceAll('\r', ''))
}

function read(sources: readonly ReportSource[]): ToolReport {
  const source = sourceOf(sources, FORMAT, hey)
  return isCsv(source) ? readCsvLines(source) : readSummary(source)
}

function readSummary(source: ReportSource): ToolReport {
  const printed = new PrintedReport(source, 'the summary that hey prints')
  const time = (label: string) => {
    const [quantity] = printed.need(new RegExp(`^\\s*${label}:\\s*([\\d.]+ \\w+)`, 'm'), `line "${label}"`)
    return printed.ms(quantity!)
  }
  const durationMs = time('Total')
  const statuses = countsIn(printed, 'Status code distribution:', /^\s*\[(\d{3})\]\s+(\d+) responses/gm)
  const errors = Object.fromEntries(
    [...sectionOf(printed, 'Error distribution:').matchAll(/^\s*\[(\d+)\]\s+(.+?)\s*$/gm)].map(
      ([, count, text]) => [text!, Number(count)] as const,
    ),
  )
  const answered = totalOf(statuses)
  const failures = totalOf(errors)
  const requestsPerSecond = printed.neededNumber(/^\s*Requests\/sec:\s*([\d.]+)/m, 'line "Requests/sec"')
  const known = answered + failures
  const expected = requestsPerSecond * (durationMs / 1000)
  // The duration is rounded to 0.1 ms, and statuses beyond the limit are not kept.
  if (answered < MOST_KEPT && Math.abs(expected - known) > 0.5 + (expected * 0.1) / Math.max(durationMs, 0.1)) {
    printed.fail(
      `its statuses and errors are ${known} requests, and its rate means ${Math.round(expected)}. It is cut off: run hey to its end and pass all of its output`,
    )
  }
  const total: ToolRow = {
    name: '',
    requests: known,
    failures,
    statuses,
    requestsPerSecond,
  }
  if (failures > 0) total.errors = errors
  const receivedBytes = printed.number(/^\s*Total data:\s*(\d+) bytes/m)
  if (receivedBytes !== undefined) total.receivedBytes = receivedBytes
  if (answered > 0) {
    const latency: ToolLatency = {
      meanMs: time('Average'),
      minMs: time('Fastest'),
      maxMs: time('Slowest'),
      percentiles: [],
    }
    for (const [, percentile, value] of printed.text.matchAll(/^\s*(\d+)%%? in ([\d.]+ \w+)/gm)) {
      // With fewer than 100 responses it leaves some percentiles out, and writes them as 0.
      if (percentile !== '0') latency.percentiles.push({ percentile: Number(percentile), valueMs: printed.ms(value!) })
    }
    total.latency = latency
  }
  return {
    tool: hey.name,
    sources: [source.name],
    durationMs,
    rows: [],
    total,
    remarks: ['times are rounded to 0.1 ms', ...remarkOnLimit(answered)],
  }
}

function readCsvLines(source: ReportSource): ToolReport {
  const statuses: Record<string, number> = {}
  const latencies = new Latencies()
  for (const { number, text, isWhole } of linesOf(source)) {
    if (number === 1 && text !== CSV_HEAD) {
      throw new ReportError(
        `${source.name}: expected the columns ${CSV_HEAD}, got ${text.slice(0, 200)}. It is of another version of hey.`,
      )
    }
    if (number === 1) continue
    const values = text.split(',')
    const [seconds, status] = [Number(values[0]), values[6] ?? '']
    if (values.length !== 8 || !Number.isFinite(seconds) || !/^\d{3}$/.test(status)) {
      const why = isWhole ? 'Pass the file as hey wrote it.' : 'The file is cut off: run hey to its end.'
      throw new ReportError(
        `${source.name}: line ${number}: expected 8 values with seconds first and a status code as the seventh, got ${quotedStart(text)}. ${why}`,
      )
    }
    statuses[status] = (statuses[status] ?? 0) + 1
    latencies.add(seconds * 1000)
  }
  const answered = totalOf(statuses)
  const latency = latencies.summary()
  return {
    tool: hey.name,
    sources: [source.name],
    rows: [],
    total: { name: '', requests: answered, statuses, ...(latency === undefined ? {} : { latency }) },
    remarks: [
      'times are rounded to 0.1 ms',
      'the CSV has no line for a request without a response',
      'percentiles are computed from its lines',
      ...remarkOnLimit(answered),
    ],
  }
}

function remarkOnLimit(answered: number): string[] {
  return answered < MOST_KEPT ? [] : ['hey kept 1,000,000 responses, and says nothing about any further ones']
}

function sectionOf(printed: PrintedReport, heading: string): string {
  const [, after = ''] = printed.text.split(heading, 2)
  return after.split(/\n\S/, 1)[0]!
}

function countsIn(printed: PrintedReport, heading: string, pattern: RegExp): Record<string, number> {
  return Object.fromEntries(
    [...sectionOf(printed, heading).matchAll(pattern)].map(([, status, count]) => [status!, Number(count)] as const),
  )
}
