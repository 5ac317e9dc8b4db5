import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Type } from 'typebox'
import { checker, dottedPath } from '../../core/check.ts'
import { MalformedHistogram } from '../../core/encoded-histogram.ts'
import { readRegularFile, UnreadFile } from '../../core/regular-file.ts'
import { type MetricKind, metrics } from '../metrics/catalog.ts'
import type { MetricSeries } from '../metrics/series.ts'
import type { StoredResult } from './compared-run.ts'

/** A file that is not the result of a run. The message names it and says what to do. */
export class UnusableResult extends Error {}

const FORMAT = 'loadcell.run/1'
/** A result of the largest run that Loadcell can record is smaller. */
const MOST_BYTES = 256 * 1024 * 1024

const number = Type.Number()
/** Finite even as a sum of all series. */
const count = Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** The range of a date. */
const moment = Type.Number({ minimum: 0, maximum: 8.64e15 })
const text = Type.String()
const texts = Type.Record(text, text)
const histogram = Type.Object({ hdr: text, count, sumMs: number, minMs: number, maxMs: number })
const stored = checker(
  Type.Object({
    run: Type.Object({
      id: text,
      scenario: text,
      startedAt: moment,
      durationMs: count,
      warmupMs: count,
      load: text,
      engine: Type.Optional(text),
      tags: texts,
      variables: Type.Optional(Type.Record(text, Type.Union([text, number, Type.Boolean()]))),
      targetUrl: text,
      targetSettings: texts,
      embedded: Type.Boolean(),
      insecure: Type.Optional(Type.Boolean()),
      proxy: Type.Optional(text),
      version: text,
      overrides: Type.Optional(Type.Object({ faults: Type.Optional(Type.Array(text)) })),
    }),
    environment: Type.Object({
      node: text,
      platform: text,
      cpuModel: text,
      cpuCount: number,
      memoryBytes: number,
    }),
    outcome: Type.Object({ state: text, detail: text }),
    validity: Type.Object({ state: text }),
    reconciliation: Type.Object({ state: text }),
    series: Type.Array(Type.Object({ metric: text, tags: texts, value: Type.Object({ kind: text }) })),
    customMetrics: Type.Optional(
      Type.Array(
        Type.Object({
          name: text,
          kind: Type.Enum(['counter', 'rate', 'gauge', 'trend']),
          unit: text,
          better: Type.Enum(['higher', 'lower']),
        }),
      ),
    ),
    timeline: Type.Optional(Type.Array(Type.Object({ atMs: count, requestsPerSecond: count, responseP95Ms: count }))),
  }),
)
const values = {
  counter: checker(Type.Object({ total: count })),
  rate: checker(Type.Object({ hits: count, total: count })),
  trend: checker(Type.Object({ histogram })),
  gauge: checker(Type.Object({})),
}

/**
 * Reads the result of a run, from its file or its folder, and passes it to `use`. The file is not trusted.
 * @throws UnusableResult
 */
export function readResultFile<T>(path: string, use: (path: string, result: StoredResult) => T): T {
  const file = isFolder(path) ? join(path, 'result.json') : path
  const result = parseResult(file, readText(file))
  try {
    return use(file, result)
  } catch (error) {
    if (error instanceof MalformedHistogram) throw new UnusableResult(`${file} is damaged: ${error.message}`)
    throw error
  }
}

/** Tells whether the path is that of a folder. @throws UnusableResult when it cannot be looked at. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch (error) {
    throw new UnusableResult(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/** @throws UnusableResult */
function readText(file: string): string {
  try {
    return readRegularFile(file, MOST_BYTES)
  } catch (error) {
    if (!(error instanceof UnreadFile)) throw error
    throw new UnusableResult(refusalOf(file, error))
  }
}

function refusalOf(file: string, { why, message, bytes }: UnreadFile): string {
  const expected = 'expected the result.json of a run'
  switch (why) {
    case 'missing':
      return `there is no file ${file}: ${expected}`
    case 'no file':
      return `${file} is not a file: ${expected}`
    case 'too large':
      return `${file} has ${Math.round(bytes / 2 ** 20)} MiB: ${expected}, which has ${MOST_BYTES / 2 ** 20} MiB at most`
    case 'unreadable':
      return `${file} cannot be read: ${message}`
  }
}

function parseResult(file: string, source: string): StoredResult {
  if (source.trim() === '') throw new UnusableResult(`${file} is empty: expected the result.json of a run`)
  let value: unknown
  try {
    value = JSON.parse(source)
  } catch (error) {
    throw new UnusableResult(
      `${file} is not JSON, or only a part of it: ${(error as Error).message}. Expected the result.json of a run`,
    )
  }
  const format = (value as { format?: unknown } | null)?.format
  if (typeof format === 'string' && /^loadcell\.run\/\d+$/.test(format) && format !== FORMAT) {
    throw new UnusableResult(
      `${file} has the format ${format}, and this version of Loadcell reads ${FORMAT}: compare it with the version that wrote it`,
    )
  }
  if (format !== FORMAT) {
    throw new UnusableResult(
      `${file} is not the result of a Loadcell run: expected "format": "${FORMAT}", got ${JSON.stringify(format) ?? 'nothing'}`,
    )
  }
  if (!stored.check(value)) throw damaged(file, stored.errors(value), '')
  // The shape was checked; the members that are left out are not read.
  const result = value as unknown as StoredResult
  const customMetrics = (result.customMetrics ?? []).filter(({ name }) => !Object.hasOwn(metrics, name))
  const kinds = new Map<string, MetricKind>(
    [...Object.entries(metrics), ...customMetrics.map(custom => [custom.name, custom] as const)].map(
      ([name, { kind }]) => [name, kind],
    ),
  )
  return {
    ...result,
    customMetrics,
    series: result.series.filter((series, index) => isKnown(file, kinds, series, index)),
  }
}

/** Tells whether a series is of a metric that this version or the run itself knows. @throws UnusableResult when its value is not one. */
function isKnown(
  file: string,
  kinds: ReadonlyMap<string, MetricKind>,
  { metric, value }: MetricSeries,
  index: number,
): boolean {
  if (kinds.get(metric) !== value.kind) return false
  const { kind } = value
  if (!values[kind].check(value)) throw damaged(file, values[kind].errors(value), `/series/${index}/value`)
  if (value.kind === 'rate' && value.hits > value.total)
    throw new UnusableResult(`${file} is damaged: series[${index}].value has ${value.hits} hits of ${value.total}`)
  return true
}

function damaged(file: string, errors: { pointer: string; detail: string }[], parent: string): UnusableResult {
  const [first] = errors
  const place = first === undefined ? '' : `${dottedPath(parent + first.pointer)}: ${first.detail}`
  return new UnusableResult(`${file} is damaged, or not the result of a run: ${place}`)
}
