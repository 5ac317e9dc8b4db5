import { sourceOf } from '../reading/source-text.ts'
import { optionValue } from '../reading/command-options.ts'
import { SampleSums } from '../reading/sample-sums.ts'
import type { PreparedCommand, ReportSource, TargetAddress, Tool, ToolCommand } from '../tool.ts'
import type { ToolReport } from '../tool-report.ts'
import { isSimulationLog, recordsOf, requestOf, runOf } from './gatling-log.ts'
import { isGatlingStats, readGatlingStats } from './gatling-stats.ts'

const FORMAT = 'a simulation.log of Gatling 3.4 or newer, or the stats.json of its report'
/** Options of Maven and Gradle are properties. */
const FOLDER_PROPERTY = '-Dgatling.resultsFolder'

/** Reads Gatling's log of requests, as text or in bytes, or the numbers of its report. */
export const gatling: Tool = {
  name: 'gatling',
  programs: ['gatling', 'io.gatling.app.gatling', 'gatling:test', 'gatlingrun'],
  formats: ['simulation.log (3.4 and newer)', 'stats.json and global_stats.json of its report'],
  traits: {
    atEnd: 'waits',
    resends: true,
    failure: 'checks',
    counts: 'all',
    bytes: 'bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'exact',
    percentileError: 0,
    resolutionMs: 1,
    model: 'either',
    notes: [
      'KO means that a check failed, and the default check is that the status is 2xx or 304. A script that expects a 404 counts it as OK.',
      'It sends a request again when a reused connection breaks before a response, and counts both as one.',
      'A cold JVM makes its first requests slow by up to half a second, which shows in the percentiles of short runs.',
      'It logs neither statuses nor bytes.',
    ],
  },
  prepare,
  recognizes: source => isSimulationLog(source) || isGatlingStats(source),
  read,
}

function prepare({ program, args }: ToolCommand, _target: TargetAddress, folder: string): PreparedCommand {
  const isBuild = args.some(arg => /^(?:gatling:test|gatlingRun)/.test(arg))
  const named =
    optionValue(args, ['-rf', '--results-folder']) ??
    args.find(arg => arg.startsWith(`${FOLDER_PROPERTY}=`))?.slice(FOLDER_PROPERTY.length + 1)
  const isGatling = isBuild || /gatling/i.test([program, ...args].join(' '))
  const options = isBuild ? [`${FOLDER_PROPERTY}=${folder}`] : ['-rf', folder]
  const isAsked = named !== undefined || !isGatling
  return {
    args: [...args, ...(isAsked ? [] : options)],
    env: {},
    added: isAsked ? [] : [`${isBuild ? FOLDER_PROPERTY : '-rf'}, so that Gatling’s log can be found`],
    files: [named ?? folder],
    readsStdout: false,
    // Users and rates stand in the simulation.
    requested: {},
  }
}

function read(sources: readonly ReportSource[]): ToolReport {
  const logs = sources.filter(isSimulationLog)
  if (logs.length > 0) return readLog(logs)
  // Of a whole report, the one with names.
  const stats = sources.filter(isGatlingStats).toSorted((a, b) => b.bytes.length - a.bytes.length)
  return readGatlingStats(sourceOf(stats.length > 0 ? stats : sources, FORMAT, { recognizes: isGatlingStats }))
}

/** A folder of results may hold earlier runs. */
function readLog(logs: readonly ReportSource[]): ToolReport {
  const [latest] = logs.map(log => ({ log, run: runOf(log) })).toSorted((a, b) => b.run.startedAt - a.run.startedAt)
  const { log, run } = latest!
  const sums = new SampleSums()
  let users = 0
  for (const record of recordsOf(log)) {
    if (record.kind === 'request') sums.add(requestOf(record))
    else if (record.kind === 'user') users += record.isStart ? 1 : -1
  }
  const report = sums.report()
  return {
    tool: gatling.name,
    version: run.version,
    sources: [log.name],
    ...report,
    remarks: [
      ...report.remarks,
      ...(logs.length > 1 ? [`${logs.length} runs are in the folder: this is the latest`] : []),
      ...(users > 0 ? [`${users} users have no end in the log: the run was stopped, or the log is cut off`] : []),
    ],
  }
}
