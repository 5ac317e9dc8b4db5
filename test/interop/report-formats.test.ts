import { describe, expect, it } from 'vitest'
import { histogramLog } from '../../harness/report/formats/hdr.ts'
import { openMetrics } from '../../harness/report/formats/openmetrics.ts'
import { pythonWith, run } from './python.ts'
import { recordedRun } from '../unit/harness/report/formats/recorded-run.ts'

const SUM_OF_COUNTS = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = {family.name: family for family in text_string_to_metric_families(sys.stdin.read())}
times = families['loadcell_http_req_duration_seconds']
print(times.type, times.unit, int(sum(s.value for s in times.samples if s.name.endswith('_count'))))
`

const prometheus = pythonWith('prometheus_client', 'prometheus_client')

describe.skipIf(prometheus === undefined)('the parser of Prometheus for Python', () => {
  it('reads every sample of a run from openmetrics.txt', () => {
    const read = run(prometheus, SUM_OF_COUNTS, openMetrics(recordedRun()))
    expect(read).toEqual({ stdout: 'summary seconds 1003', stderr: '' })
  })
})

const COUNT_AND_P95 = `
import sys, tempfile
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
with tempfile.NamedTemporaryFile('w', suffix='.hlog') as log:
    log.write(sys.stdin.read())
    log.flush()
    reader = HistogramLogReader(log.name, HdrHistogram(1, 4 * 3600 * 1000 * 1000, 3))
    first = reader.get_next_interval_histogram()
    print(first.get_tag(), first.get_total_count(), first.get_value_at_percentile(95))
`

const hdrHistogram = pythonWith('hdrh', 'hdrhistogram')

describe.skipIf(hdrHistogram === undefined)('the log reader of HdrHistogram for Python', () => {
  it('reads the distribution of all requests from histograms.hlog', () => {
    const recorded = recordedRun()
    const p95 = Math.round(recorded.totals.response.p95Ms * 1000)
    const read = run(hdrHistogram, COUNT_AND_P95, histogramLog(recorded))
    expect(read).toEqual({ stdout: `http_req_duration 1003 ${p95}`, stderr: '' })
  })
})
