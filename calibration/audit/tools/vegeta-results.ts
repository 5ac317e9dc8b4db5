import { Type } from 'typebox'
import { checker } from '../../../core/check.ts'
import { csvRows } from '../reading/csv-rows.ts'
import { GobError, type GobRecord, gobRecords } from '../reading/gob.ts'
import { checkedJson, parseJson } from '../reading/json-source.ts'
import type { LoggedRequest } from '../reading/sample-sums.ts'
import { beginningOf, linesOf } from '../reading/source-text.ts'
import { ReportError, type ReportSource } from '../tool.ts'

/** Go counts seconds from the year 1. */
const SECONDS_BEFORE_1970 = 62_135_596_800n
const NS_PER_MS = 1e6
const CSV_COLUMNS = 12

/** A line of `vegeta encode -to csv`: nanoseconds, status, latency, two numbers of bytes. */
const CSV_LINE = /^\d{16,20},\d{1,3},\d+,\d+,\d+,/

const jsonLine = checker(
  Type.Object({
    code: Type.Integer({ minimum: 0 }),
    timestamp: Type.String(),
    latency: Type.Number({ minimum: 0 }),
    bytes_out: Type.Number({ minimum: 0 }),
    bytes_in: Type.Number({ minimum: 0 }),
    error: Type.String(),
    method: Type.String(),
    url: Type.String(),
  }),
)

export function isGob({ bytes }: ReportSource): boolean {
  return bytes[0]! >= 0x80 && bytes.subarray(0, 64).includes('Result') && bytes.subarray(0, 64).includes('Attack')
}

export function isEncodedJson(source: ReportSource): boolean {
  return /^\s*\{"attack":"/.test(beginningOf(source))
}

export function isEncodedCsv(source: ReportSource): boolean {
  return CSV_LINE.test(beginningOf(source))
}

/** Returns the results of `vegeta attack`, or of `vegeta encode` in any of its encodings, one at a time. */
export function vegetaResults(source: ReportSource): Generator<LoggedRequest> {
  if (isGob(source)) return fromGob(source)
  return isEncodedCsv(source) ? fromCsv(source) : fromJson(source)
}

function* fromGob({ name, bytes }: ReportSource): Generator<LoggedRequest> {
  let count = 0
  try {
    for (const record of gobRecords(bytes)) {
      yield resultIn(record)
      count += 1
    }
  } catch (error) {
    if (!(error instanceof GobError)) throw error
    throw new ReportError(
      `${name}: expected results of vegeta attack, but after ${count} of them ${error.message}. Let the attack end by itself, or convert what can be read with vegeta encode.`,
      { cause: error },
    )
  }
}

function resultIn(record: GobRecord): LoggedRequest {
  const number = (field: string) => Number((record.get(field) as bigint | undefined) ?? 0n)
  const text = (field: string) => (record.get(field) as string | undefined) ?? ''
  const time = record.get('Timestamp')
  if (!Buffer.isBuffer(time) || time.length < 15) throw new GobError('a result has no time as Vegeta 12 writes it')
  const startedAt = Number(time.readBigInt64BE(1) - SECONDS_BEFORE_1970) * 1000 + time.readInt32BE(9) / NS_PER_MS
  return requestOf({
    startedAt,
    latencyNs: number('Latency'),
    status: number('Code'),
    error: text('Error'),
    bytesIn: number('BytesIn'),
    bytesOut: number('BytesOut'),
    method: text('Method'),
    url: text('URL'),
  })
}

function* fromJson(source: ReportSource): Generator<LoggedRequest> {
  for (const { number, text } of linesOf(source)) {
    const place = `${source.name}: line ${number}`
    const format = 'a result as vegeta encode writes it'
    const line = checkedJson(parseJson(text, place, format), place, format, jsonLine)
    yield requestOf({
      startedAt: Date.parse(line.timestamp),
      latencyNs: line.latency,
      status: line.code,
      error: line.error,
      bytesIn: line.bytes_in,
      bytesOut: line.bytes_out,
      method: line.method,
      url: line.url,
    })
  }
}

function* fromCsv(source: ReportSource): Generator<LoggedRequest> {
  for (const { line, values } of csvRows(source)) {
    const [time, status, latencyNs, bytesOut, bytesIn] = values.slice(0, 5).map(Number)
    if (values.length !== CSV_COLUMNS || ![time, status, latencyNs, bytesOut, bytesIn].every(Number.isFinite)) {
      throw new ReportError(
        `${source.name}: line ${line}: expected the ${CSV_COLUMNS} columns of vegeta encode -to csv, got ${values.length}: ${JSON.stringify(values.join(',').slice(0, 60))}. The file is cut off, or of another version.`,
      )
    }
    yield requestOf({
      startedAt: time! / NS_PER_MS,
      latencyNs: latencyNs!,
      status: status!,
      error: values[5]!,
      bytesIn: bytesIn!,
      bytesOut: bytesOut!,
      method: values[9]!,
      url: values[10]!,
    })
  }
}

interface VegetaResult {
  startedAt: number
  latencyNs: number
  status: number
  error: string
  bytesIn: number
  bytesOut: number
  method: string
  url: string
}

/** Vegeta has no names: a request is its method and URL. It puts the status line of a bad response where errors go. */
function requestOf({
  startedAt,
  latencyNs,
  status,
  error,
  bytesIn,
  bytesOut,
  method,
  url,
}: VegetaResult): LoggedRequest {
  return {
    name: `${method} ${url}`,
    method,
    path: url,
    startedAt,
    elapsedMs: latencyNs / NS_PER_MS,
    status,
    failed: status < 200 || status >= 400,
    ...(status === 0 && { error: withoutPorts(error) }),
    receivedBytes: bytesIn,
    sentBytes: bytesOut,
  }
}

/** The port of a connection would make each error a kind of its own. */
function withoutPorts(error: string): string {
  return error.replaceAll(/\S+:\d+->/g, '')
}
