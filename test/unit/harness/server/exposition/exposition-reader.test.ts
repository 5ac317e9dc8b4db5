import { describe, expect, it } from 'vitest'
import { ExpositionReader } from '../../../../../harness/server/exposition/exposition-reader.ts'

/** The example of https://prometheus.io/docs/instrumenting/exposition_formats/. */
const PROMETHEUS = String.raw`# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="0.1"} 33444
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# Finally a summary, which has a complex representation, too:
# HELP rpc_duration_seconds A summary of the RPC duration in seconds.
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
`

/** From the specification of OpenMetrics 1.0, which declares a counter without its suffix. */
const OPEN_METRICS = `# TYPE acme_http_router_request_seconds summary
# UNIT acme_http_router_request_seconds seconds
# HELP acme_http_router_request_seconds Latency though all of ACME's HTTP request router.
acme_http_router_request_seconds_sum{path="/api/v1",method="GET"} 9036.32
acme_http_router_request_seconds_count{path="/api/v1",method="GET"} 807283.0
acme_http_router_request_seconds_created{path="/api/v1",method="GET"} 1605281325.0
# TYPE go_goroutines gauge
go_goroutines 69
# TYPE process_cpu_seconds counter
# UNIT process_cpu_seconds seconds
process_cpu_seconds_total 4.20072246e+06 # {trace="a"} 1
# TYPE build info
build_info{version="1"} 1
# EOF
`

function read(page: string, chunkBytes = page.length, isWanted?: (name: string) => boolean) {
  const samples: string[] = []
  const reader = new ExpositionReader({
    isWanted,
    onSample: ({ name, labels, value }, { name: family, type }) =>
      samples.push(`${family} ${type}: ${name} ${Object.values(labels).join()} ${value}`),
  })
  const bytes = Buffer.from(page)
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes))
  reader.end()
  return samples
}

describe('ExpositionReader', () => {
  it('reads the example of Prometheus', () => {
    const samples = read(PROMETHEUS)
    expect(samples).toHaveLength(13)
    expect(samples).toContain('http_requests_total counter: http_requests_total post,400 3')
    expect(samples).toContain('metric_without_timestamp_and_labels unknown: metric_without_timestamp_and_labels  12.47')
    expect(samples).toContain(
      'http_request_duration_seconds histogram: http_request_duration_seconds_bucket +Inf 144320',
    )
    expect(samples).toContain('rpc_duration_seconds summary: rpc_duration_seconds_sum  17560473')
  })

  it('reads the example of OpenMetrics', () => {
    expect(read(OPEN_METRICS)).toEqual([
      'acme_http_router_request_seconds summary: acme_http_router_request_seconds_sum /api/v1,GET 9036.32',
      'acme_http_router_request_seconds summary: acme_http_router_request_seconds_count /api/v1,GET 807283',
      'acme_http_router_request_seconds summary: acme_http_router_request_seconds_created /api/v1,GET 1605281325',
      'go_goroutines gauge: go_goroutines  69',
      'process_cpu_seconds counter: process_cpu_seconds_total  4200722.46',
      'build info: build_info 1 1',
    ])
  })

  it.each([1, 2, 7, 64])('reads the same in pieces of %d bytes, even within a character', bytes => {
    const page = `${PROMETHEUS}city{name="Zürich 🏔"} 1\r\n`
    expect(read(page, bytes)).toEqual(read(page))
  })

  it('ignores blanks around a line, as hand-written exporters indent', () => {
    const page = '  # TYPE a counter\n\ta{x="1"} 1 \t\r\n   \n  b 2\n'
    expect(read(page)).toEqual(['a counter: a 1 1', 'b unknown: b  2'])
  })

  it('takes a metric without a type for a counter if its name ends with _total', () => {
    expect(read('a_total 1\nb 2\n')).toEqual(['a_total counter: a_total  1', 'b unknown: b  2'])
  })

  it('reads only the samples that are wanted, and skips other lines unchecked', () => {
    expect(read('a 1\na{broken\nb 2\n', 20, name => name === 'b')).toEqual(['b unknown: b  2'])
  })

  it('passes over what is wanted beyond a limit, and counts it', () => {
    const samples: string[] = []
    const reader = new ExpositionReader({
      mostSamples: 2,
      isWanted: name => name !== 'b',
      onSample: ({ name }) => samples.push(name),
    })
    reader.push(Buffer.from('a 1\nb 1\na{x="1"} 1\nb 1\na{x="2"} 1\nc 1\n'))
    reader.end()
    expect(samples).toEqual(['a', 'a'])
    expect(reader.passedOver).toBe(2)
  })

  it.each([
    ['nothing', '', 'expected metrics in the text format of Prometheus, got none'],
    ['comments alone', '# hello\n', 'got none'],
    ['a page of HTML', '<html>\n', 'line 1: expected the name of a metric'],
    ['JSON', '{"a": 1}', 'line 1: expected'],
    ['a line that breaks off', 'a 1\nb{x="', 'line 2: expected the value of a label in quotes'],
    ['a type that does not exist', '# TYPE a countre\na 1\n', 'line 1: expected a type such as counter, got "countre"'],
    ['samples behind the end', 'a 1\n# EOF\nb 1\n', 'line 3: expected nothing behind # EOF'],
    ['more lines than it has time for', '\n'.repeat(200_001), 'expected at most 200000 lines, got more'],
    ['a line without an end', `a{b="${'x'.repeat(70_000)}`, 'line 1: expected at most 65536 characters, got more'],
  ])('refuses %s', (_what, page, message) => {
    expect(() => read(page, 10_000)).toThrow(message)
  })

  it('refuses bytes that are not UTF-8', () => {
    const reader = new ExpositionReader({ onSample: () => {} })
    expect(() => reader.push(Buffer.from([0x61, 0x20, 0x31, 0x0a, 0xff, 0xfe]))).toThrow('expected text in UTF-8')
  })

  it('refuses more names than it could remember', () => {
    const page = Array.from({ length: 20_001 }, (_, ordinal) => `m${ordinal} 1\n`).join('')
    expect(() => read(page)).toThrow('line 20001: expected at most 20000 names, got more')
  })
})
