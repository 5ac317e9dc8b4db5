import { join } from 'node:path'
import { Type, type Static } from 'typebox'
import { checker } from '../../../core/check.ts'
import { argsWith, optionValue } from '../reading/command-options.ts'
import { readJsonSource } from '../reading/json-source.ts'
import { SampleSums } from '../reading/sample-sums.ts'
import { beginningOf, sourceOf } from '../reading/source-text.ts'
import {
  ReportError,
  type PreparedCommand,
  type ReportSource,
  type TargetAddress,
  type Tool,
  type ToolCommand,
} from '../tool.ts'
import type { ToolReport, ToolRow } from '../tool-report.ts'
import { isJtlCsv, isJtlXml, jmeterSamples } from './jmeter-samples.ts'

const FORMAT = 'a JTL file of JMeter (-l) as CSV or XML, or the statistics.json of its dashboard'

const LabelStatistics = Type.Object({
  transaction: Type.String(),
  sampleCount: Type.Integer({ minimum: 0 }),
  errorCount: Type.Integer({ minimum: 0 }),
  meanResTime: Type.Number(),
  medianResTime: Type.Number(),
  minResTime: Type.Number(),
  maxResTime: Type.Number(),
  pct1ResTime: Type.Number(),
  pct2ResTime: Type.Number(),
  pct3ResTime: Type.Number(),
  throughput: Type.Number(),
})
type LabelStatistics = Static<typeof LabelStatistics>

const shape = checker(Type.Object({ Total: LabelStatistics }, { additionalProperties: LabelStatistics }))

/** Reads JMeter's log of samples, or the statistics of its dashboard. */
export const jmeter: Tool = {
  name: 'jmeter',
  programs: ['jmeter', 'apachejmeter'],
  formats: ['JTL (-l) as CSV or XML', 'statistics.json of the dashboard (-e -o)'],
  traits: {
    atEnd: 'waits',
    failure: 'status_400',
    failureByScript: true,
    counts: 'all',
    bytes: 'heads_and_bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'exact',
    percentileError: 0,
    resolutionMs: 1,
    model: 'closed',
    notes: [
      'A sample that follows redirects or loads images is one line and several requests.',
      'An error is any status of 400 and up, or a failed assertion; one that the script expects is none only if it sets the sample’s status.',
      'Its elapsed time includes connecting. Without a response, it takes the text of its own error for received bytes.',
      'A cold JVM makes its first requests slow by up to half a second, which shows in the percentiles of short runs.',
      'Transaction controllers add lines that are no requests. Its dashboard keeps them out of the total.',
    ],
  },
  prepare,
  recognizes: source => isJtlCsv(source) || isJtlXml(source) || isStatistics(source),
  read,
}

function prepare(command: ToolCommand, { host, port }: TargetAddress, folder: string): PreparedCommand {
  const { args } = command
  const named = optionValue(args, ['-l', '--logfile'])
  const file = named ?? join(folder, 'jmeter.jtl')
  const options = [
    ...(named === undefined ? ['-l', file] : []),
    '-Jjmeter.save.saveservice.timestamp_format=ms',
    '-Jjmeter.save.saveservice.url=true',
    ...(args.some(arg => arg.startsWith('-Jhost=')) ? [] : [`-Jhost=${host}`]),
    ...(args.some(arg => arg.startsWith('-Jport=')) ? [] : [`-Jport=${port}`]),
  ]
  return {
    args: argsWith(command, jmeter.programs, options),
    env: {},
    added: [
      ...(named === undefined ? ['-l, so that JMeter logs each sample'] : []),
      'properties that make its log readable (time in ms, URLs), and -Jhost and -Jport for plans that use them',
    ],
    files: [file],
    readsStdout: false,
    // Users and times stand in the plan.
    requested: {},
  }
}

function isStatistics(source: ReportSource): boolean {
  const beginning = beginningOf(source)
  return /^\s*\{/.test(beginning) && beginning.includes('"pct1ResTime"')
}

function read(sources: readonly ReportSource[]): ToolReport {
  const log = sources.find(source => isJtlCsv(source) || isJtlXml(source))
  return log === undefined ? readStatistics(sourceOf(sources, FORMAT, { recognizes: isStatistics })) : readLog(log)
}

function readLog(source: ReportSource): ToolReport {
  const sums = new SampleSums()
  let transactions = 0
  for (const sample of jmeterSamples(source)) {
    if (sample === 'transaction') transactions += 1
    else sums.add(sample)
  }
  const report = sums.report()
  return {
    tool: jmeter.name,
    sources: [source.name],
    ...report,
    remarks: [
      ...report.remarks,
      ...(transactions > 0 ? [`${transactions} lines are transactions, which are left out`] : []),
    ],
  }
}

/** Its percentiles are settings of the dashboard: 90, 95 and 99 unless they were changed. */
function readStatistics(source: ReportSource): ToolReport {
  const { Total: total, ...rows } = readJsonSource(source, 'the statistics.json of JMeter', shape) as Record<
    string,
    LabelStatistics
  >
  if (total === undefined) throw new ReportError(`${source.name}: expected a row "Total", got none.`)
  return {
    tool: jmeter.name,
    sources: [source.name],
    rows: Object.values(rows).map(rowOf),
    total: { ...rowOf(total), name: '' },
    remarks: [
      'rows of transaction controllers are among its rows',
      'percentiles are taken for 90, 95 and 99, unless aggregate_rpt_pct1 to 3 say otherwise',
    ],
  }
}

function rowOf(statistics: LabelStatistics): ToolRow {
  const { sampleCount } = statistics
  return {
    name: statistics.transaction,
    requests: sampleCount,
    failures: statistics.errorCount,
    requestsPerSecond: statistics.throughput,
    ...(sampleCount > 0 && {
      latency: {
        meanMs: statistics.meanResTime,
        minMs: statistics.minResTime,
        maxMs: statistics.maxResTime,
        percentiles: [
          { percentile: 50, valueMs: statistics.medianResTime },
          { percentile: 90, valueMs: statistics.pct1ResTime },
          { percentile: 95, valueMs: statistics.pct2ResTime },
          { percentile: 99, valueMs: statistics.pct3ResTime },
        ],
      },
    }),
  }
}
