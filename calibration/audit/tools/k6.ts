import { sourceOf } from '../reading/source-text.ts'
import { join } from 'node:path'
import type { PreparedCommand, ReportSource, RequestedLoad, TargetAddress, Tool, ToolCommand } from '../tool.ts'
import type { ToolReport } from '../tool-report.ts'
import { argsWith, optionValue, unchanged } from '../reading/command-options.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { isPoints, readPoints } from './k6/points.ts'
import { isSummary, readSummary } from './k6/summary.ts'

const FORMAT = 'a summary (--summary-export or handleSummary) or JSON lines (--out json) of k6'

/** Reads the documented formats of k6: its summaries as JSON, and its metrics as JSON lines. */
export const k6: Tool = {
  name: 'k6',
  programs: ['k6'],
  formats: ['summary (--summary-export)', 'data of handleSummary() as JSON', 'JSON lines (--out json=file)'],
  traits: {
    atEnd: 'waits',
    failure: 'status_400',
    counts: 'all',
    bytes: 'heads_and_bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'exact',
    percentileError: 0,
    model: 'either',
    notes: [
      'Its duration begins when the request is sent: connecting, TLS handshakes and waiting for a connection are not in it.',
      'A failure is a status that http.expectedStatuses() does not name, 400 and up without one; failed checks are none.',
      'It waits 30 s for iterations in flight (gracefulStop), and then interrupts them.',
      'It follows redirects, and counts each as a request.',
      'In a summary, "passes" of http_req_failed are the failed requests.',
    ],
  },
  duration: { names: ['-d', '--duration'] },
  prepare,
  recognizes: source => isPoints(source) || isSummary(source),
  read,
}

function prepare(command: ToolCommand, _target: TargetAddress, folder: string): PreparedCommand {
  const { args } = command
  const prepared = { ...unchanged(command, requestedOf(args)), readsStdout: false }
  const exported = optionValue(args, ['--summary-export'])
  const points = args.map(arg => /^(?:--out=|-o=?)?json=(.+)$/.exec(arg)?.[1]).find(file => file !== undefined)
  const summaryFile = exported ?? join(folder, 'k6-summary.json')
  const pointsFile = points ?? join(folder, 'k6-points.json')
  const options = [
    ...(exported === undefined ? ['--summary-export', summaryFile] : []),
    ...(points === undefined ? ['--out', `json=${pointsFile}`] : []),
  ]
  return {
    ...prepared,
    args: argsWith(command, ['run'], options),
    added: options.length === 0 ? [] : [`${options.join(' ')}, so that k6 writes its numbers, in all and by request`],
    files: [summaryFile, pointsFile],
  }
}

function requestedOf(args: readonly string[]): RequestedLoad {
  const requested = requestedLoad(args, { users: ['-u', '--vus'], duration: ['-d', '--duration'] })
  // A stage without a number of users, or several of them, are not one load.
  if (args.some(arg => /^(-s|--stage)/.test(arg))) return {}
  return requested
}

/** The summary has k6's own totals; lines have the names, statuses and times of single requests. */
function read(sources: readonly ReportSource[]): ToolReport {
  sourceOf(sources, FORMAT, k6)
  const summarySource = sources.find(isSummary)
  const pointsSource = sources.find(source => isPoints(source))
  const points = pointsSource === undefined ? undefined : readPoints(pointsSource)
  const summary = summarySource === undefined ? undefined : readSummary(summarySource)
  const used = [summarySource, pointsSource].filter(source => source !== undefined).map(({ name }) => name)
  const report = { tool: k6.name, sources: used }
  if (summary === undefined) return { ...report, ...points! }
  if (points === undefined) return { ...report, ...summary }
  const { statuses, errors } = points.total
  return {
    ...report,
    ...points,
    ...(summary.durationMs === undefined ? {} : { durationMs: summary.durationMs }),
    ...(summary.failedChecks && { failedChecks: summary.failedChecks }),
    ...(summary.failedThresholds && { failedThresholds: summary.failedThresholds }),
    total: {
      ...summary.total,
      ...(statuses === undefined ? {} : { statuses }),
      ...(errors === undefined ? {} : { errors }),
    },
    remarks: [...summary.remarks, `rows are from ${pointsSource!.name}, the total is from ${summarySource!.name}`],
  }
}
