import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { histogramLog } from '../../harness/report/formats/hdr.ts'
import { openMetrics } from '../../harness/report/formats/openmetrics.ts'
import { recordedRun } from '../unit/harness/report/formats/recorded-run.ts'

const python = (script: string, input = '') => spawnSync('python3', ['-c', script], { input, encoding: 'utf8' })

function hasModule(name: string): boolean {
  if (python(`import ${name}`).status === 0) return true
  process.stderr.write(`\n!!! SKIPPED: python3 has no module ${name}. Its format was not read by another tool.\n\n`)
  return false
}

const SUM_OF_COUNTS = `
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = {family.name: family for family in text_string_to_metric_families(sys.stdin.read())}
times = families['loadcell_http_req_duration_seconds']
print(times.type, times.unit, int(sum(s.value for s in times.samples if s.name.endswith('_count'))))
`

describe.skipIf(!hasModule('prometheus_client'))('the parser of Prometheus for Python', () => {
  it('reads every sample of a run from openmetrics.txt', () => {
    const { stdout, stderr } = python(SUM_OF_COUNTS, openMetrics(recordedRun()))
    expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: 'summary seconds 1003', stderr: '' })
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

describe.skipIf(!hasModule('hdrh'))('the log reader of HdrHistogram for Python', () => {
  it('reads the distribution of all requests from histograms.hlog', () => {
    const run = recordedRun()
    const { stdout, stderr } = python(COUNT_AND_P95, histogramLog(run))
    const p95 = Math.round(run.totals.response.p95Ms * 1000)
    expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: `http_req_duration 1003 ${p95}`, stderr: '' })
  })
})
