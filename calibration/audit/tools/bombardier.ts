import { Type } from 'typebox'
import { checker } from '../../../core/check.ts'
import type { PreparedCommand, ReportSource, Tool, ToolCommand } from '../tool.ts'
import type { ToolReport, ToolRow } from '../tool-report.ts'
import { argsWith, hasOption, optionValue, unchanged } from '../reading/command-options.ts'
import { checkedJson, parseJson } from '../reading/json-source.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { beginningOf, endOf, textOf, sourceOf } from '../reading/source-text.ts'

const FORMAT = 'the JSON of bombardier (-o json)'

const CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const

const count = Type.Integer({ minimum: 0 })
const json = checker(
  Type.Object({
    spec: Type.Object({ method: Type.String(), url: Type.String() }),
    result: Type.Object({
      bytesRead: count,
      bytesWritten: count,
      timeTakenSeconds: Type.Number({ minimum: 0 }),
      req1xx: count,
      req2xx: count,
      req3xx: count,
      req4xx: count,
      req5xx: count,
      others: count,
      errors: Type.Optional(Type.Array(Type.Object({ description: Type.String(), count }))),
      latency: Type.Object({
        mean: Type.Number({ minimum: 0 }),
        max: Type.Number({ minimum: 0 }),
        percentiles: Type.Optional(Type.Record(Type.String(), Type.Number({ minimum: 0 }))),
      }),
    }),
  }),
)

/** Reads the JSON that bombardier prints, whose latencies are microseconds. */
export const bombardier: Tool = {
  name: 'bombardier',
  programs: ['bombardier'],
  formats: ['JSON (-o json -p r)'],
  traits: {
    atEnd: 'waits',
    resends: true,
    resendsGivenUp: true,
    failure: 'transport',
    counts: 'all',
    bytes: 'heads_and_bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'exact',
    percentileError: 0,
    model: 'closed',
    notes: [
      'It counts classes of status only, and none of them as a failure.',
      'A request without a response is one of "others", and its time is among the latencies.',
      'It gives up a request after 2 s, unless --timeout says otherwise.',
    ],
  },
  duration: { names: ['-d', '--duration'] },
  prepare,
  recognizes: source =>
    [beginningOf(source), endOf(source)].some(text => text.includes('{"spec":{"numberOfConnections"')),
  read,
}

function prepare(command: ToolCommand): PreparedCommand {
  const { args } = command
  const options = {
    users: ['-c', '--connections'],
    requests: ['-n', '--requests'],
    ratePerSecond: ['-r', '--rate'],
    duration: ['-d', '--duration'],
  }
  const prepared = unchanged(command, requestedLoad(args, options))
  const format = optionValue(args, ['-o', '--format'])
  const missing = [
    ...(format === undefined ? ['-o', 'json'] : []),
    ...(hasOption(args, ['-p', '--print', '-q', '--no-print']) ? [] : ['-p', 'r']),
    ...(hasOption(args, ['-l', '--latencies']) ? [] : ['-l']),
  ]
  if (missing.length === 0) return prepared
  return {
    ...prepared,
    args: argsWith(command, bombardier.programs, missing),
    added: [`${missing.join(' ')}, so that bombardier prints its numbers and percentiles as JSON`],
  }
}

function read(sources: readonly ReportSource[]): ToolReport {
  const source = sourceOf(sources, FORMAT, bombardier)
  const text = textOf(source)
  // What it prints for people precedes the JSON.
  const { spec, result } = checkedJson(
    parseJson(text.slice(text.indexOf('{"spec"')), source.name, FORMAT),
    source.name,
    FORMAT,
    json,
  )
  const classes = CLASSES.map(name => [name, result[`req${name}`]] as const)
  const requests = classes.reduce((sum, [, each]) => sum + each, result.others)
  const { mean, max, percentiles = {} } = result.latency
  const total: ToolRow = {
    name: '',
    requests,
    failures: result.others,
    statuses: Object.fromEntries(classes.filter(([, each]) => each > 0)),
    receivedBytes: result.bytesRead,
    sentBytes: result.bytesWritten,
  }
  if (result.errors !== undefined) {
    total.errors = Object.fromEntries(result.errors.map(({ description, count }) => [description, count]))
  }
  if (requests > 0) {
    total.latency = {
      meanMs: mean / 1000,
      maxMs: max / 1000,
      percentiles: Object.entries(percentiles)
        .map(([percentile, us]) => ({ percentile: Number(percentile), valueMs: us / 1000 }))
        .sort((a, b) => a.percentile - b.percentile),
    }
  }
  const { method, url } = spec
  return {
    tool: bombardier.name,
    sources: [source.name],
    durationMs: result.timeTakenSeconds * 1000,
    rows: [{ ...total, name: `${method} ${url}`, method, path: url }],
    total,
    remarks:
      result.latency.percentiles === undefined ? ['there are no percentiles: bombardier was run without -l'] : [],
  }
}
