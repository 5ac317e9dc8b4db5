import type { PreparedCommand, ReportSource, Tool, ToolCommand } from '../tool.ts'
import type { ToolLatency, ToolReport, ToolRow } from '../tool-report.ts'
import { argsWith, hasOption, unchanged } from '../reading/command-options.ts'
import { PrintedReport } from '../reading/printed-report.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { beginningOf, sourceOf } from '../reading/source-text.ts'

const FORMAT = 'the output of wrk'

/** Reads what wrk prints. wrk2 prints nearly the same, but measures from when a request was due, so it is refused. */
export const wrk: Tool = {
  name: 'wrk',
  programs: ['wrk'],
  formats: ['its output (percentiles with --latency)'],
  traits: {
    atEnd: 'drops',
    failure: 'status_400',
    counts: 'all',
    bytes: 'heads_and_bodies',
    // By the latencies that it adds.
    clock: 'due',
    latencyOf: 'all',
    percentiles: 'rounded',
    // Two decimals of a number from 0.85 on.
    percentileError: 0.006,
    model: 'closed',
    notes: [
      'It adds invented latencies before it computes percentiles and the mean: one for each request that its mean interval suggests was held up by a slow one.',
      'A response later than --timeout (2 s) is counted as a request and as a timeout, and is in no latency.',
      'Socket errors are no part of its number of requests.',
    ],
  },
  duration: { names: ['-d', '--duration'] },
  prepare,
  recognizes: source => /^Running .+ test @ \S+/m.test(beginningOf(source)),
  read,
}

function prepare(command: ToolCommand): PreparedCommand {
  const asked = requestedLoad(command.args, {
    users: ['-c', '--connections'],
    duration: ['-d', '--duration'],
    unit: 's',
  })
  const prepared = unchanged(command, asked)
  if (hasOption(command.args, ['--latency'])) return prepared
  return {
    ...prepared,
    args: argsWith(command, wrk.programs, ['--latency']),
    added: ['--latency, so that wrk prints its percentiles'],
  }
}

function read(sources: readonly ReportSource[]): ToolReport {
  const source = sourceOf(sources, FORMAT, wrk)
  const printed = new PrintedReport(source, FORMAT)
  if (printed.find(/(HdrHistogram - |Thread calibration:)/) !== undefined) {
    printed.fail('it is the output of wrk2, which measures latency from when a request was due. Use wrk, or --columns')
  }
  const totals = /^\s*(\d+) requests in ([\d.]+\w+), ([\d.]+\wi?B|[\d.]+B) read/m
  const [requests, duration, bytes] = printed.need(totals, 'line "… requests in …, … read"') as [string, string, string]
  const total: ToolRow = {
    name: '',
    requests: Number(requests),
    failures: printed.number(/Non-2xx or 3xx responses: (\d+)/) ?? 0,
    receivedBytes: printed.bytes(bytes),
    requestsPerSecond: printed.neededNumber(/^Requests\/sec:\s*([\d.]+)/m, 'line "Requests/sec"'),
  }
  const latency = latencyIn(printed)
  if (latency !== undefined && total.requests > 0) total.latency = latency
  const errors = errorsIn(printed)
  if (errors !== undefined) total.errors = errors
  return {
    tool: wrk.name,
    sources: [source.name],
    durationMs: printed.ms(duration),
    rows: [],
    total,
    remarks: [
      'bytes are rounded to two decimals of their unit',
      ...(latency?.percentiles.length === 0 ? ['there are no percentiles: wrk was run without --latency'] : []),
    ],
  }
}

function latencyIn(printed: PrintedReport): ToolLatency | undefined {
  const [mean, max] = printed.find(/^\s*Latency\s+([\d.]+\w+)\s+[\d.]+\w+\s+([\d.]+\w+)/m) ?? []
  if (mean === undefined || max === undefined) return undefined
  const [, distribution = ''] = printed.text.split('Latency Distribution', 2)
  const percentiles = [...distribution.matchAll(/^\s*([\d.]+)%\s+([\d.]+\w+)\s*$/gm)].map(([, percentile, value]) => ({
    percentile: Number(percentile),
    valueMs: printed.ms(value!),
  }))
  return { meanMs: printed.ms(mean), maxMs: printed.ms(max), percentiles }
}

function errorsIn(printed: PrintedReport): Record<string, number> | undefined {
  const counts = printed.find(/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/)?.map(Number)
  if (counts === undefined) return undefined
  const named = ['connect', 'read', 'write', 'timeout'].map((kind, index) => [kind, counts[index] ?? 0] as const)
  return Object.fromEntries(named.filter(([, count]) => count > 0))
}
