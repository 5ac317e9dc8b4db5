import { CsvProblem, readCsv } from '../../../harness/feeders/csv.ts'
import { readJson } from '../../../harness/feeders/json.ts'
import { describe } from '../../../core/check.ts'
import { unchanged } from '../reading/command-options.ts'
import { SampleSums } from '../reading/sample-sums.ts'
import { beginningOf, linesOf, textOf, sourceOf } from '../reading/source-text.ts'
import { ReportError, type ReportSource, type Tool } from '../tool.ts'
import type { ToolReport, ToolRow } from '../tool-report.ts'
import { parseColumnMapping } from './columns/column-mapping.ts'
import { MappedRequests } from './columns/mapped-requests.ts'

const FORMAT = 'CSV, a JSON array or JSON lines with one row a request'

/** Bytes of a file that is read as a whole. */
const MOST_BYTES = 64 * 2 ** 20

/**
 * Returns a reader for the files of any tool that have one row a request: CSV with the names of its columns first, a JSON array, or a JSON
 * object a line.
 *
 * @param columns such as `name=label,elapsed=took:ms,status=code,startedAt=time:ms,failed=success:false`
 * @throws ReportError when the mapping is no such list.
 */
export function columnsTool(columns: string): Tool {
  const requests = new MappedRequests(parseColumnMapping(columns))
  return {
    name: 'columns',
    programs: [],
    formats: [`${FORMAT} (--columns)`],
    traits: {
      atEnd: 'waits',
      failure: 'checks',
      counts: 'all',
      bytes: 'bodies',
      clock: 'send',
      latencyOf: 'all',
      percentiles: 'exact',
      percentileError: 0,
      model: 'either',
      notes: ['Nothing is known about this tool: differences to the ledger cannot be explained by its habits.'],
    },
    prepare: command => ({ ...unchanged(command, {}), readsStdout: false }),
    recognizes: ({ bytes }) => bytes.length > 0,
    read: sources => read(sources, requests),
  }
}

function read(sources: readonly ReportSource[], requests: MappedRequests): ToolReport {
  const source = sourceOf(sources, FORMAT, { recognizes: ({ bytes }) => bytes.length > 0 })
  const log = new SampleSums()
  const isJson = /^\s*[[{]/.test(beginningOf(source))
  let isFirst = true
  for (const { row, place } of rowsOf(source)) {
    if (isFirst) requests.checkColumns(row, place, isJson)
    isFirst = false
    log.add(requests.requestIn(row, place))
  }
  if (isFirst) throw new ReportError(`${source.name}: expected ${FORMAT}, got no row.`)
  const report = { tool: 'columns', sources: [source.name], ...log.report() }
  return requests.tellsFailures
    ? report
    : { ...report, rows: report.rows.map(withoutFailures), total: withoutFailures(report.total) }
}

function withoutFailures(row: ToolRow): ToolRow {
  const { failures: _, ...rest } = row
  return rest
}

function* rowsOf(source: ReportSource): Generator<{ row: Record<string, unknown>; place: string }> {
  const beginning = beginningOf(source).trimStart()
  if (beginning.startsWith('{')) {
    for (const { number, text } of linesOf(source)) {
      const place = `${source.name}: line ${number}`
      yield {
        row: objectIn(
          parsed(() => JSON.parse(text) as unknown, place),
          place,
        ),
        place,
      }
    }
    return
  }
  if (source.bytes.length > MOST_BYTES) {
    throw new ReportError(
      `${source.name}: expected at most ${MOST_BYTES / 2 ** 20} MiB of CSV or of a JSON array, got ${Math.round(source.bytes.length / 2 ** 20)} MiB. Turn it into JSON lines, which may be longer, or pass a part of it.`,
    )
  }
  const text = textOf(source)
  const rows: unknown[] = beginning.startsWith('[')
    ? parsed(() => readJson(text, { isNdjson: false }), source.name)
    : parsed(() => readCsv(text), source.name)
  for (const [index, value] of rows.entries()) {
    const place = `${source.name}: row ${index + 1}`
    yield { row: objectIn(value, place), place }
  }
}

function parsed<T>(parse: () => T, place: string): T {
  try {
    return parse()
  } catch (error) {
    const hint = error instanceof CsvProblem ? '' : '. The file may be cut off: let the tool run to its end'
    throw new ReportError(`${place}: ${(error as Error).message}${hint}`, { cause: error })
  }
}

function objectIn(value: unknown, place: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new ReportError(`${place}: expected an object with the columns of a request, got ${describe(value)}.`)
}
