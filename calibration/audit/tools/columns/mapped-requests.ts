import { describe } from '../../../../core/check.ts'
import { nearest } from '../../../../core/nearest.ts'
import type { LoggedRequest } from '../../reading/sample-sums.ts'
import { ReportError } from '../../tool.ts'
import type { ColumnMapping } from './column-mapping.ts'

/** Wall times of a load test lie between these: other numbers are in another unit. */
const EARLIEST_MS = Date.UTC(2000, 0, 1)
const LATEST_MS = Date.UTC(2100, 0, 1)
/** A single request does not take longer: larger numbers are in another unit. */
const LONGEST_MS = 24 * 3_600_000

/** Turns the rows of one file into requests. */
export class MappedRequests {
  readonly #mapping: ColumnMapping

  constructor(mapping: ColumnMapping) {
    this.#mapping = mapping
  }

  /** @throws ReportError when the file lacks a column. JSON may leave out what a row does not have, except for its time. */
  checkColumns(row: Record<string, unknown>, place: string, isJson: boolean): void {
    for (const [member, { column }] of Object.entries(this.#mapping)) {
      if (valueAt(row, column) !== undefined || (isJson && member !== 'elapsed')) continue
      const names = Object.keys(row)
      const meant = nearest(column, names)
      throw new ReportError(
        `${place}: expected a column ${JSON.stringify(column)} for ${member}, got ${names.slice(0, 30).join(', ')}.${meant === undefined ? ' Name another one with --columns.' : ` Did you mean ${meant}?`}`,
      )
    }
  }

  /** @throws ReportError when a value is not what its member needs. */
  requestIn(row: Record<string, unknown>, place: string): LoggedRequest {
    const mapping = this.#mapping
    const text = (mapped: { column: string } | undefined): string | undefined => {
      return (mapped === undefined ? '' : textOf(valueAt(row, mapped.column))) || undefined
    }
    const [method, path, error] = [text(mapping.method), text(mapping.path), text(mapping.error)]
    const status = statusIn(text(mapping.status), place)
    const bytes = text(mapping.bytes)
    return {
      name: text(mapping.name) ?? [method, path].filter(Boolean).join(' '),
      elapsedMs: this.#elapsedIn(row, place),
      status,
      failed: this.#isFailed(row, status, error),
      ...(mapping.startedAt === undefined ? {} : { startedAt: this.#startIn(mapping.startedAt, row, place) }),
      ...(method === undefined ? {} : { method }),
      ...(path === undefined ? {} : { path }),
      ...(error === undefined ? {} : { error }),
      ...(bytes === undefined ? {} : { receivedBytes: numberIn(bytes, 'bytes', place) }),
    }
  }

  /** Whether the columns tell which requests failed. */
  get tellsFailures(): boolean {
    const { failed, status, error } = this.#mapping
    return failed !== undefined || status !== undefined || error !== undefined
  }

  #isFailed(row: Record<string, unknown>, status: number, error: string | undefined): boolean {
    const mapping = this.#mapping
    if (mapping.failed !== undefined) return isFailed(mapping.failed, row)
    return mapping.status === undefined ? error !== undefined : status === 0 || status >= 400
  }

  #elapsedIn(row: Record<string, unknown>, place: string): number {
    const { column, msPerUnit } = this.#mapping.elapsed
    const elapsedMs = numberIn(valueAt(row, column), column, place) * msPerUnit
    if (elapsedMs >= 0 && elapsedMs <= LONGEST_MS) return elapsedMs
    throw new ReportError(
      `${place}: expected a time of at most a day in ${column}, got ${elapsedMs} ms. Name its unit, like elapsed=${column}:us.`,
    )
  }

  #startIn(
    { column, msPerUnit }: NonNullable<ColumnMapping['startedAt']>,
    row: Record<string, unknown>,
    place: string,
  ): number {
    const value = valueAt(row, column)
    const startedAt = msPerUnit === 'iso' ? Date.parse(textOf(value)) : numberIn(value, column, place) * msPerUnit
    if (startedAt >= EARLIEST_MS && startedAt <= LATEST_MS) return startedAt
    const came = Number.isNaN(startedAt)
      ? describe(value)
      : `${describe(value)}, which is ${startedAt} ms since the Unix epoch`
    throw new ReportError(
      `${place}: expected a time between 2000 and 2100 in ${column}, got ${came}. Name its unit: ns, us, ms, s or iso, like startedAt=${column}:s.`,
    )
  }
}

/** Returns a column's value, or that of a member of nested objects by its path. */
function valueAt(row: Record<string, unknown>, column: string): unknown {
  if (Object.hasOwn(row, column)) return row[column]
  let value: unknown = row
  for (const step of column.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step]
  }
  return value
}

/** Returns a value as text, which is empty for nothing. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

function numberIn(value: unknown, column: string, place: string): number {
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN
  if (Number.isFinite(number)) return number
  throw new ReportError(
    `${place}: expected a number with a decimal point and without a unit in ${column}, got ${describe(value)}.`,
  )
}

/** Returns 0 for a request without a response, for which tools write nothing, a 0 or a text. */
function statusIn(text: string | undefined, place: string): number {
  if (text === undefined || !/^\d+$/.test(text)) return 0
  const status = Number(text)
  if (status === 0 || (status >= 100 && status <= 999)) return status
  throw new ReportError(`${place}: expected a status code of three digits, got ${text}. Map status to another column.`)
}

function isFailed({ column, value }: NonNullable<ColumnMapping['failed']>, row: Record<string, unknown>): boolean {
  const found = textOf(valueAt(row, column)).trim()
  if (value !== undefined) return found.toLowerCase() === value.trim().toLowerCase()
  return !['', '0', 'false'].includes(found.toLowerCase())
}
