import { join } from 'node:path'
import { argsWith, hasOption, optionValue } from '../reading/command-options.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import {
  ReportError,
  type PreparedCommand,
  type ReportSource,
  type TargetAddress,
  type Tool,
  type ToolCommand,
} from '../tool.ts'
import type { ToolReport } from '../tool-report.ts'
import { isLocustCsv, readLocustCsv } from './locust-csv.ts'
import { isLocustJson, readLocustJson } from './locust-json.ts'

/** Reads the JSON of Locust, which is complete, or its CSV files, which lack the last interval. */
export const locust: Tool = {
  name: 'locust',
  programs: ['locust'],
  formats: ['JSON (--json-file, --json)', 'CSV (--csv: _stats.csv, _stats_history.csv, _failures.csv)'],
  traits: {
    atEnd: 'drops',
    failure: 'status_400',
    failureByScript: true,
    counts: 'all',
    bytes: 'decoded_bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'rounded',
    percentileError: 0.05,
    resolutionMs: 1,
    model: 'closed',
    notes: [
      'It rounds each response time before it takes percentiles: to 1 ms below 100 ms, to 10 ms below 1 s, to 100 ms below 10 s.',
      'At the end it stops users in the middle of their requests, and does not count those, unless --stop-timeout lets them finish.',
      'Its final CSV is as old as its last interval, and lacks the requests since then. Its JSON has them.',
      'A script decides what fails (catch_response); otherwise responses with 400 and up do.',
    ],
  },
  duration: { names: ['-t', '--run-time'] },
  helpOption: '--help',
  prepare,
  recognizes: source => isLocustJson(source) || isLocustCsv(source),
  read,
}

function prepare(command: ToolCommand, { url }: TargetAddress, folder: string): PreparedCommand {
  const { args } = command
  const options: string[] = []
  const added: string[] = []
  if (!hasOption(args, ['--host', '-H'])) {
    options.push('--host', url)
    added.push(`--host ${url}, so that the load goes to the target`)
  }
  const { files, readsStdout } = reportsOf(args)
  if (files.length === 0 && !readsStdout) {
    const file = join(folder, 'locust')
    if (command.help === undefined || command.help.includes('--json-file')) {
      // Locust adds `.json` itself.
      options.push('--json-file', file)
      added.push('--json-file, because the final CSV lacks the last interval')
      files.push(`${file}.json`)
    } else {
      options.push('--csv', file)
      added.push('--csv, because this Locust is too old for --json-file; its CSV lacks the last interval')
      files.push(...tablesOf(file))
    }
  }
  return {
    args: argsWith(command, locust.programs, options),
    env: {},
    added,
    files,
    readsStdout,
    // A number without a unit is in seconds.
    requested: requestedLoad(args, { users: ['-u', '--users'], duration: ['-t', '--run-time'], unit: 's' }),
  }
}

/** Returns the reports that a command asks for itself. */
function reportsOf(args: readonly string[]): Pick<PreparedCommand, 'files' | 'readsStdout'> {
  const json = optionValue(args, ['--json-file'])
  const csv = optionValue(args, ['--csv'])
  const files = [...(json === undefined ? [] : [`${json}.json`]), ...(csv === undefined ? [] : tablesOf(csv))]
  return { files, readsStdout: args.includes('--json') }
}

function tablesOf(prefix: string): string[] {
  return ['stats', 'stats_history', 'failures'].map(table => `${prefix}_${table}.csv`)
}

function read(sources: readonly ReportSource[]): ToolReport {
  const json = sources.find(isLocustJson) ?? sources.find(({ name }) => name.endsWith('.json'))
  const tables = sources.filter(isLocustCsv)
  if (json === undefined && tables.length === 0) {
    throw new ReportError(
      `${sources.map(({ name }) => name).join(', ')}: expected the JSON of Locust (--json-file, --json) or its CSV files (--csv), got neither. Did Locust run to its end?`,
    )
  }
  return json === undefined ? readLocustCsv(tables) : readLocustJson(json, tables)
}
