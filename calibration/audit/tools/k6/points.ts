import { Type } from 'typebox'
import { checker } from '../../../../core/check.ts'
import { ReportError, type ReportSource } from '../../tool.ts'
import type { ToolReport } from '../../tool-report.ts'
import { checkedJson, parseJson } from '../../reading/json-source.ts'
import { SampleSums } from '../../reading/sample-sums.ts'
import { beginningOf, linesOf } from '../../reading/source-text.ts'

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

/** Whether a line is a measured time, rather than the description of the metric, or of another metric. */
function isPoint(value: unknown): boolean {
  const { type, metric } = (value ?? {}) as { type?: unknown; metric?: unknown }
  return type === 'Point' && metric === 'http_req_duration'
}

/** Reads the points of `http_req_duration`, one a request; a point has the time of the request's end. */
export function readPoints(source: ReportSource): Omit<ToolReport, 'tool' | 'sources'> {
  const log = new SampleSums()
  let count = 0
  for (const { number, text, isWhole } of linesOf(source)) {
    // The name of the metric tells most lines apart without reading them. The last one may be cut off before it.
    if (isWhole && !text.includes('"http_req_duration"')) continue
    const place = `${source.name}: line ${number}`
    const value = parseJson(text, place, FORMAT)
    if (!isPoint(value)) continue
    const { data } = checkedJson(value, place, FORMAT, point)
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
  return log.report()
}
