import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import { checker } from '../../../core/check.ts'
import { exitCodes } from '../../../harness/results/exit-codes.ts'
import type { RunResult } from '../../../harness/results/run-result.ts'
import { hasOption, optionValue } from '../reading/command-options.ts'
import { readJsonSource } from '../reading/json-source.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { beginningOf, sourceOf } from '../reading/source-text.ts'
import type { PreparedCommand, ReportSource, TargetAddress, Tool, ToolCommand } from '../tool.ts'
import type { ToolLatency, ToolReport, ToolRow } from '../tool-report.ts'

const FORMAT = 'result.json of `loadcell run`'

const Count = Type.Integer({ minimum: 0 })
const Times = Type.Object({
  count: Count,
  minMs: Type.Number(),
  meanMs: Type.Number(),
  p50Ms: Type.Number(),
  p90Ms: Type.Number(),
  p95Ms: Type.Number(),
  p99Ms: Type.Number(),
  p999Ms: Type.Number(),
  maxMs: Type.Number(),
})

/** The part of a `RunResult` that is read. */
const shape = checker(
  Type.Object({
    format: Type.Literal('loadcell.run/1' satisfies RunResult['format']),
    run: Type.Object({
      id: Type.String(),
      startedAt: Type.Number(),
      durationMs: Type.Number(),
      version: Type.String(),
    }),
    thresholds: Type.Array(Type.Object({ metric: Type.String(), expression: Type.String(), state: Type.String() })),
    checks: Type.Array(Type.Object({ name: Type.String(), fails: Count })),
    errors: Type.Array(Type.Object({ reason: Type.String(), name: Type.String(), count: Count })),
    totals: Type.Object({
      requests: Count,
      requestsPerSecond: Type.Number(),
      failedRequests: Count,
      sentBytes: Count,
      receivedBytes: Count,
      service: Times,
    }),
    names: Type.Array(
      Type.Object({
        name: Type.String(),
        method: Type.String(),
        requests: Count,
        failed: Count,
        statuses: Type.Record(Type.String(), Count),
        receivedBytes: Count,
        service: Times,
      }),
    ),
  }),
)

/** Reads the results of this very harness. */
export const loadcell: Tool = {
  name: 'loadcell',
  programs: ['loadcell'],
  formats: ['result.json'],
  traits: {
    atEnd: 'waits',
    failure: 'checks',
    counts: 'all',
    bytes: 'bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'histogram',
    percentileError: 0.001,
    model: 'either',
    notes: [
      'A failure is an answer that the scenario did not expect, or none.',
      'Streams and WebSockets are in its requests, and not in its latency.',
    ],
  },
  duration: { names: ['--duration'], mayBeAdded: true },
  invalidExitCode: exitCodes.invalidRun,
  prepare,
  recognizes: source => /"format":\s*"loadcell\.run\//.test(beginningOf(source)),
  read,
}

function prepare({ args }: ToolCommand, target: TargetAddress, folder: string): PreparedCommand {
  const out = optionValue(args, ['--out']) ?? join(folder, 'loadcell')
  const options = [
    ...(hasOption(args, ['--target']) ? [] : ['--target', target.url]),
    ...(hasOption(args, ['--out']) ? [] : ['--out', out]),
  ]
  return {
    args: [...args, ...options],
    env: {},
    added: options.length === 0 ? [] : [`${options.join(' ')}, for the address and a report that can be read`],
    files: [join(out, 'result.json')],
    readsStdout: false,
    requested: requestedLoad(args, { users: ['--vus'], ratePerSecond: ['--rate'], duration: ['--duration'] }),
  }
}

function read(sources: readonly ReportSource[]): ToolReport {
  const source = sourceOf(sources, FORMAT, loadcell)
  const { run, totals, names, thresholds, checks, errors } = readJsonSource(source, FORMAT, shape)
  const total: ToolRow = {
    name: '',
    requests: totals.requests,
    failures: totals.failedRequests,
    statuses: statusesOf(names),
    ...(errors.length > 0 && { errors: errorsOf(errors) }),
    receivedBytes: totals.receivedBytes,
    sentBytes: totals.sentBytes,
    requestsPerSecond: totals.requestsPerSecond,
    ...(totals.service.count > 0 && { latency: latencyOf(totals.service) }),
  }
  const failed = checks.filter(({ fails }) => fails > 0)
  const broken = thresholds.filter(({ state }) => state !== 'passed')
  return {
    tool: loadcell.name,
    version: run.version,
    run: run.id,
    sources: [source.name],
    startedAt: run.startedAt,
    endedAt: run.startedAt + run.durationMs,
    durationMs: run.durationMs,
    rows: names.map(({ name, method, requests, failed: failures, statuses, receivedBytes, service }) => ({
      name: `${method} ${name}`,
      method,
      path: name,
      requests,
      failures,
      statuses,
      receivedBytes,
      ...(service.count > 0 && { latency: latencyOf(service) }),
    })),
    total,
    ...(failed.length > 0 && { failedChecks: Object.fromEntries(failed.map(({ name, fails }) => [name, fails])) }),
    ...(broken.length > 0 && {
      failedThresholds: broken.map(({ metric, expression, state }) =>
        state === 'failed' ? `${metric}: ${expression}` : `${metric}: ${expression} (no data)`,
      ),
    }),
    remarks: [],
  }
}

function statusesOf(names: readonly { statuses: Record<string, number> }[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [status, count] of names.flatMap(({ statuses }) => Object.entries(statuses))) {
    // 0 stands for no answer.
    if (status !== '0') sums[status] = (sums[status] ?? 0) + count
  }
  return sums
}

function errorsOf(errors: readonly { reason: string; name: string; count: number }[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { reason, name, count } of errors)
    sums[`${reason} of ${name}`] = (sums[`${reason} of ${name}`] ?? 0) + count
  return sums
}

function latencyOf(times: Static<typeof Times>): ToolLatency {
  const { minMs, meanMs, maxMs, p50Ms, p90Ms, p95Ms, p99Ms, p999Ms } = times
  const percentiles = [
    { percentile: 50, valueMs: p50Ms },
    { percentile: 90, valueMs: p90Ms },
    { percentile: 95, valueMs: p95Ms },
    { percentile: 99, valueMs: p99Ms },
    { percentile: 99.9, valueMs: p999Ms },
  ]
  return { minMs, meanMs, maxMs, percentiles }
}
