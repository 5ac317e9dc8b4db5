import { csvRows } from '../reading/csv-rows.ts'
import { beginningOf } from '../reading/source-text.ts'
import { ReportError, type ReportSource } from '../tool.ts'
import type { ToolLatency, ToolReport, ToolRow } from '../tool-report.ts'

const STATS = 'Type,Name,Request Count,Failure Count,'
const HISTORY = 'Timestamp,User Count,Type,Name,'
const FAILURES = 'Method,Name,Error,Occurrences'
const TOTAL = 'Aggregated'

/** Without a response by Locust's own error text, for each method and name. */
export type RequestErrors = ReadonlyMap<string, Record<string, number>>

export function isLocustCsv(source: ReportSource): boolean {
  return [STATS, HISTORY, FAILURES].some(header => beginningOf(source).startsWith(header))
}

/** Reads the statistics that Locust writes with `--csv`: the final ones, or else the last line of each name in their history. */
export function readLocustCsv(tables: readonly ReportSource[]): ToolReport {
  const stats = tables.find(table => beginningOf(table).startsWith(STATS))
  const history = tables.find(table => beginningOf(table).startsWith(HISTORY))
  const source = stats ?? history
  if (source === undefined) {
    throw new ReportError(
      `${tables.map(({ name }) => name).join(', ')}: expected Locust's …_stats.csv, got its failures alone, which do not count requests. Pass …_stats.csv too.`,
    )
  }
  const errors = errorsByRequest(tables)
  const rows = new Map<string, ToolRow>()
  for (const record of recordsOf(source)) {
    const row = stats === undefined ? historyRow(record) : statsRow(record)
    const known = errors.get(requestOf(record))
    rows.set(requestOf(record), { ...row, ...(known && { errors: known }) })
  }
  const total = rows.get(` ${TOTAL}`)
  if (total === undefined) {
    throw new ReportError(
      `${source.name}: expected a last line "${TOTAL}", got none. The file is cut off, or Locust did not end by itself.`,
    )
  }
  rows.delete(` ${TOTAL}`)
  return {
    tool: 'locust',
    sources: tables.map(({ name }) => name),
    ...(history && timesOf(history)),
    rows: [...rows.values()],
    total: { ...total, name: '' },
    traits: { atEnd: 'loses_interval' },
    remarks: [
      'Locust’s CSV lacks the requests since its last interval: ask for --json-file',
      ...(stats === undefined ? ['its history has no percentiles of the whole run but the median'] : []),
    ],
  }
}

/** Returns the errors without a response. Those with one are HTTPErrors, whose status Locust counts nowhere else. */
export function errorsByRequest(tables: readonly ReportSource[]): RequestErrors {
  const failures = tables.find(table => beginningOf(table).startsWith(FAILURES))
  const errors = new Map<string, Record<string, number>>()
  if (failures === undefined) return errors
  for (const record of recordsOf(failures)) {
    const error = record.text('Error')
    if (/^(?:CatchResponseError|HTTPError)\(/.test(error)) continue
    const request = `${record.text('Method')} ${record.text('Name')}`
    errors.set(request, { ...errors.get(request), [error]: record.number('Occurrences') })
  }
  return errors
}

function statsRow(record: TableRecord): ToolRow {
  const requests = record.number('Request Count')
  return {
    ...identityOf(record),
    requests,
    failures: record.number('Failure Count'),
    receivedBytes: Math.round(requests * record.number('Average Content Size')),
    requestsPerSecond: record.number('Requests/s'),
    ...(requests > 0 && {
      latency: {
        meanMs: record.number('Average Response Time'),
        minMs: record.number('Min Response Time'),
        maxMs: record.number('Max Response Time'),
        percentiles: record.percentiles(),
      },
    }),
  }
}

/** Its columns of percentiles are about the last seconds only. */
function historyRow(record: TableRecord): ToolRow {
  const requests = record.number('Total Request Count')
  const latency: ToolLatency = {
    meanMs: record.number('Total Average Response Time'),
    minMs: record.number('Total Min Response Time'),
    maxMs: record.number('Total Max Response Time'),
    percentiles: [{ percentile: 50, valueMs: record.number('Total Median Response Time') }],
  }
  return {
    ...identityOf(record),
    requests,
    failures: record.number('Total Failure Count'),
    receivedBytes: Math.round(requests * record.number('Total Average Content Size')),
    ...(requests > 0 && { latency }),
  }
}

function identityOf(record: TableRecord): Pick<ToolRow, 'name' | 'method'> {
  const method = record.text('Type')
  return { name: record.text('Name'), ...(method !== '' && { method }) }
}

function requestOf(record: TableRecord): string {
  return `${record.text('Type')} ${record.text('Name')}`
}

function timesOf(history: ReportSource): Pick<ToolReport, 'startedAt' | 'endedAt' | 'durationMs'> {
  let startedAt: number | undefined
  let endedAt = 0
  for (const record of recordsOf(history)) {
    endedAt = 1000 * record.number('Timestamp')
    startedAt ??= endedAt
  }
  if (startedAt === undefined) return {}
  // A short run has a single line.
  return endedAt === startedAt ? { startedAt } : { startedAt, endedAt, durationMs: endedAt - startedAt }
}

function* recordsOf(source: ReportSource): Generator<TableRecord> {
  let header: string[] | undefined
  for (const { line, values } of csvRows(source)) {
    if (header === undefined) header = values
    else yield new TableRecord(`${source.name}: line ${line}`, header, values)
  }
}

/** A line of one of Locust's tables. */
class TableRecord {
  readonly #place: string
  readonly #header: readonly string[]
  readonly #values: readonly string[]

  constructor(place: string, header: readonly string[], values: readonly string[]) {
    if (values.length !== header.length) {
      throw new ReportError(
        `${place}: expected ${header.length} values, one for each column of Locust's table, got ${values.length}. The file is cut off or damaged.`,
      )
    }
    this.#place = place
    this.#header = header
    this.#values = values
  }

  text(column: string): string {
    const at = this.#header.indexOf(column)
    if (at === -1) {
      throw new ReportError(
        `${this.#place}: expected a column "${column}" as Locust 2 writes it, got none. The file is of another version.`,
      )
    }
    return this.#values[at]!
  }

  number(column: string): number {
    const text = this.text(column)
    const value = Number(text)
    if (text === '' || !Number.isFinite(value) || value < 0) {
      throw new ReportError(`${this.#place}: expected a number in column "${column}", got ${JSON.stringify(text)}.`)
    }
    return value
  }

  percentiles(): ToolLatency['percentiles'] {
    return this.#header
      .filter(column => /^\d+(\.\d+)?%$/.test(column))
      .map(column => ({ percentile: Number.parseFloat(column), valueMs: this.number(column) }))
  }
}
