import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { openOtlpExport } from '../../harness/export/otlp/open.ts'
import { PrometheusEndpoint } from '../../harness/export/prometheus-endpoint.ts'
import { exposedResult } from '../../harness/report/exposition/exposed-run.ts'
import { startCollector } from '../support/collector.ts'
import { recordedRun } from '../unit/harness/report/formats/recorded-run.ts'
import { pythonWith, run } from './python.ts'

const prometheus = pythonWith('prometheus_client', 'prometheus_client')

/** Prints the same of each format. */
const familiesBy = (parser: string) => `
import sys
from ${parser} import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
for family in families:
    if family.name in ('loadcell_http_req_duration_seconds', 'loadcell_http_req_duration_distribution_seconds'):
        print(family.type, int(sum(s.value for s in family.samples if s.name.endswith('_count'))))
    if family.name in ('loadcell_http_reqs', 'loadcell_http_req_failed_hits'):
        print(family.type, int(sum(s.value for s in family.samples)))
`

describe.skipIf(prometheus === undefined)('the parsers of Prometheus for Python', () => {
  it.each([
    ['prometheus_client.openmetrics.parser', 'application/openmetrics-text'],
    ['prometheus_client.parser', 'text/plain'],
  ])('read the live endpoint: %s', async (parser, accept) => {
    const served = await PrometheusEndpoint.open({ host: '127.0.0.1', port: 0, clock: systemClock, tell: () => {} })
    onTestFinished(() => served.close())
    const recorded = recordedRun()
    served.update(exposedResult(recorded))
    const text = await (await fetch(served.place, { headers: { accept } })).text()
    const { stdout, stderr } = run(prometheus, familiesBy(parser), text)
    expect(stderr).toBe('')
    expect(stdout.split('\n').toSorted()).toEqual(['counter 1003', 'counter 101', 'histogram 1003', 'summary 1003'])
  })
})

const POINTS = `
import sys
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
request = ExportMetricsServiceRequest.FromString(sys.stdin.buffer.read())
resource = {a.key: a.value.string_value for a in request.resource_metrics[0].resource.attributes}
print(resource['service.name'], resource['service.instance.id'])
for metric in request.resource_metrics[0].scope_metrics[0].metrics:
    if metric.name == 'loadcell.http_reqs':
        print(metric.sum.is_monotonic, metric.sum.aggregation_temporality, int(sum(p.as_double for p in metric.sum.data_points)))
    if metric.name == 'loadcell.http_req_duration':
        points = metric.exponential_histogram.data_points
        counted = sum(p.zero_count + sum(p.positive.bucket_counts) for p in points)
        print(metric.unit, sum(p.count for p in points), counted, round(max(p.max for p in points), 6))
        start, end = points[0].start_time_unix_nano, points[0].time_unix_nano
        print(start // 1000000, (end - start) // 1000000)
`

const protocol = pythonWith('opentelemetry.proto.collector.metrics.v1', 'opentelemetry-proto')

describe.skipIf(protocol === undefined)('the protocol of OpenTelemetry for Python', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('reads an export', async () => {
    const collector = await startCollector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    const notes: string[] = []
    const tell = (note: string) => void notes.push(note)
    const recorded = recordedRun()
    const otlp = await openOtlpExport({ env: process.env, clock: systemClock, tell })
    await otlp.finish(exposedResult(recorded), new AbortController().signal)
    expect(notes).toEqual([])
    const { stdout, stderr } = run(protocol, POINTS, collector.requests[0]!.body)
    expect(stderr).toBe('')
    const { run: described, totals } = recorded
    expect(stdout.split('\n').toSorted()).toEqual(
      [
        `loadcell ${described.id}`,
        'True 2 1003',
        `s 1003 1003 ${Number((totals.response.maxMs / 1000).toFixed(6))}`,
        `${Math.floor(described.startedAt)} ${Math.floor(described.durationMs)}`,
      ].toSorted(),
    )
  })
})
