import { Type } from 'typebox'
import { checker } from '../../../../core/check.ts'
import { ReportError, type ReportSource } from '../../tool.ts'
import type { ToolReport } from '../../tool-report.ts'
import { checkedJson, parseJson } from '../../reading/json-source.ts'
import { SampleSums } from '../../reading/sample-sums.ts'
import { beginningOf, linesOf } from '../../reading/source-text.ts'

/** Most checks that are told apart. */
const MOST_CHECKS = 1000
const FORMAT = 'JSON lines of k6 (--out json)'

const point = checker(
  Type.Object({
    type: Type.Literal('Point'),
    metric: Type.String(),
    data: Type.Object({
      time: Type.String(),
      value: Type.Number({ minimum: 0 }),
      tags: Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()]),
    }),
  }),
)

/** Whether a source looks like metrics, one JSON object a line. */
export function isPoints(source: ReportSource): boolean {
  const [line = ''] = beginningOf(source).split('\n', 1)
  return /"type"\s*:\s*"(Metric|Point)"/.test(line) && /"metric"\s*:/.test(line)
}

const DURATION = 'http_req_duration'
const CHECKS = 'checks'

/** Returns the metric of a line that measures one, and does not describe it. */
function metricOf(value: unknown): unknown {
  const { type, metric } = (value ?? {}) as { type?: unknown; metric?: unknown }
  return type === 'Point' ? metric : undefined
}

/**
 * Reads the points of `http_req_duration`, one a request, and of `checks`, one a check, 0 for one that failed. A point of a request has the time
 * of its end.
 */
export function readPoints(source: ReportSource): Omit<ToolReport, 'tool' | 'sources'> {
  const log = new SampleSums()
  const fails = new Map<string, number>()
  let count = 0
  for (const { number, text, isWhole } of linesOf(source)) {
    // The name of the metric tells most lines apart without reading them. The last one may be cut off before it.
    if (isWhole && !text.includes(`"${DURATION}"`) && !text.includes(`"${CHECKS}"`)) continue
    const place = `${source.name}: line ${number}`
    const value = parseJson(text, place, FORMAT)
    const metric = metricOf(value)
    if (metric !== DURATION && metric !== CHECKS) continue
    const { data } = checkedJson(value, place, FORMAT, point)
    if (metric === CHECKS) {
      const name = data.tags?.['check'] ?? ''
      if (data.value === 0 && (fails.has(name) || fails.size < MOST_CHECKS)) fails.set(name, (fails.get(name) ?? 0) + 1)
      continue
    }
    const endedAt = Date.parse(data.time)
    if (Number.isNaN(endedAt)) {
      throw new ReportError(`${place}: expected a time as RFC 3339 in ${FORMAT}, got ${JSON.stringify(data.time)}.`)
    }
    const { name, url, method, status, expected_response: expected, error } = data.tags ?? {}
    const code = Number(status ?? 0)
    log.add({
      name: name ?? url ?? '',
      startedAt: endedAt - data.value,
      elapsedMs: data.value,
      status: code,
      failed: expected === undefined ? code === 0 || code >= 400 : expected === 'false',
      ...(method === undefined ? {} : { method }),
      ...(url === undefined ? {} : { path: url }),
      ...(error === undefined || error === '' ? {} : { error }),
    })
    count += 1
  }
  if (count === 0) {
    throw new ReportError(
      `${source.name}: expected points of http_req_duration in ${FORMAT}, but there are none. The script sent no HTTP request, or the file is cut off.`,
    )
  }
  return { ...log.report(), ...(fails.size > 0 && { failedChecks: Object.fromEntries(fails) }) }
}
