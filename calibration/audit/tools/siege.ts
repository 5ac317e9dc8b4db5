import { Type } from 'typebox'
import { checker } from '../../../core/check.ts'
import type { PreparedCommand, ReportSource, Tool, ToolCommand } from '../tool.ts'
import type { ToolLatency, ToolReport, ToolRow } from '../tool-report.ts'
import { argsWith, hasOption, unchanged } from '../reading/command-options.ts'
import { checkedJson, parseJson } from '../reading/json-source.ts'
import { PrintedReport } from '../reading/printed-report.ts'
import { requestedLoad } from '../reading/requested-load.ts'
import { endOf, textOf, sourceOf } from '../reading/source-text.ts'

const FORMAT = 'the JSON of siege -j'

/** Siege's numbers in units of its JSON: seconds, and MB of 2^20 bytes. */
interface Figures {
  transactions: number
  failed_transactions: number
  elapsed_time: number
  data_transferred: number
  response_time: number
  longest_transaction: number
  shortest_transaction: number
}

const figures = checker(
  Type.Object({
    transactions: Type.Integer({ minimum: 0 }),
    failed_transactions: Type.Integer({ minimum: 0 }),
    elapsed_time: Type.Number({ minimum: 0 }),
    data_transferred: Type.Number({ minimum: 0 }),
    response_time: Type.Number({ minimum: 0 }),
    longest_transaction: Type.Number({ minimum: 0 }),
    shortest_transaction: Type.Number({ minimum: 0 }),
  }),
)

/** Reads the JSON at the end of siege's output, or the summary that it prints for people. */
export const siege: Tool = {
  name: 'siege',
  programs: ['siege'],
  formats: ['JSON (-j)', 'its printed summary'],
  traits: {
    atEnd: 'drops',
    failure: 'status_400',
    counts: 'all',
    bytes: 'bodies',
    clock: 'send',
    latencyOf: 'all',
    percentiles: 'none',
    percentileError: 0,
    resolutionMs: 10,
    model: 'closed',
    notes: [
      'Its "transactions" are successes only; requests are these and its failed transactions together.',
      'It measures in ticks of 10 ms, so that times below are 0 or 10 ms.',
      'With its parser on, it also requests what HTML pages refer to.',
      'It stops at 1024 failures, unless its configuration says otherwise.',
    ],
  },
  duration: { names: ['-t', '--time'], written: seconds => `${seconds}S` },
  prepare,
  recognizes: source => jsonIn(endOf(source)) !== undefined || isPrinted(endOf(source)),
  read,
}

function prepare(command: ToolCommand): PreparedCommand {
  const { args } = command
  const options = { users: ['-c', '--concurrent'], duration: ['-t', '--time'], unit: 'm' }
  const prepared = unchanged(command, requestedLoad(args, options))
  if (hasOption(args, ['-j', '--json-output'])) return prepared
  return {
    ...prepared,
    args: argsWith(command, siege.programs, ['-j']),
    added: ['-j, so that siege prints its numbers as JSON'],
  }
}

/** Returns the last JSON object of siege in a text, which may be cut off. Lines about requests may precede it. */
function jsonIn(text: string): string | undefined {
  return /\{\s*"transactions":[^{]*$/.exec(text)?.[0]
}

function isPrinted(text: string): boolean {
  return /^(Transactions|Availability):\s+[\d.]+ (hits|%)/m.test(text)
}

function read(sources: readonly ReportSource[]): ToolReport {
  const source = sourceOf(sources, `${FORMAT} or the summary that it prints`, siege)
  const json = jsonIn(endOf(source))
  const numbers = json === undefined ? printedFigures(source) : jsonFigures(json, source.name)
  const version = /SIEGE (\d[\w.-]*)/.exec(textOf(source))?.[1]
  const requests = numbers.transactions + numbers.failed_transactions
  const total: ToolRow = {
    name: '',
    requests,
    failures: numbers.failed_transactions,
    receivedBytes: Math.round(numbers.data_transferred * 2 ** 20),
  }
  if (requests > 0) total.latency = latencyOf(numbers)
  return {
    tool: siege.name,
    ...(version === undefined ? {} : { version }),
    sources: [source.name],
    durationMs: numbers.elapsed_time * 1000,
    rows: [],
    total,
    remarks: [
      'times are rounded to 10 ms, and bytes to 0.01 MB',
      'requests are the successful and the failed transactions together; its rate, of successful ones only, is left out',
    ],
  }
}

function latencyOf({ response_time, shortest_transaction, longest_transaction }: Figures): ToolLatency {
  return {
    meanMs: response_time * 1000,
    minMs: shortest_transaction * 1000,
    maxMs: longest_transaction * 1000,
    percentiles: [],
  }
}

function jsonFigures(json: string, name: string): Figures {
  return checkedJson(parseJson(json, name, FORMAT), name, FORMAT, figures)
}

/** Siege prints seconds up to 4.1, partly without a unit, and ms later. */
function printedFigures(source: ReportSource): Figures {
  const printed = new PrintedReport(source, 'the summary that siege prints')
  const seconds = (label: string) => {
    const [quantity] = printed.need(new RegExp(`^${label}:[ \\t]*([\\d.]+(?:[ \\t]*\\w+)?)`, 'm'), `line "${label}"`)
    return printed.ms(/\d$/.test(quantity!) ? `${quantity} s` : quantity!) / 1000
  }
  const number = (label: string) => printed.neededNumber(new RegExp(`^${label}:\\s*([\\d.]+)`, 'm'), `line "${label}"`)
  return {
    transactions: number('Transactions'),
    failed_transactions: number('Failed transactions'),
    elapsed_time: seconds('Elapsed time'),
    data_transferred: number('Data transferred'),
    response_time: seconds('Response time'),
    longest_transaction: seconds('Longest transaction'),
    shortest_transaction: seconds('Shortest transaction'),
  }
}
