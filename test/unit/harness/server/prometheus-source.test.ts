import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../../core/clock.ts'
import { checkEndpoints } from '../../../../harness/server/check-endpoints.ts'
import { parseObserveFlag } from '../../../../harness/server/observed-endpoint.ts'
import { PrometheusSource } from '../../../../harness/server/prometheus-source.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { type RawRequest, rawServer } from '../../../support/raw-server.ts'

const never = new AbortController().signal

/** Writes a page of metrics as a whole response. */
function page(
  body: string | Buffer,
  fields = 'Content-Type: text/plain; version=0.0.4',
): (request: RawRequest) => void {
  return ({ socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\n${fields}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`)
    socket.write(body)
  }
}

/** Answers each request with the next of these pages, and the last one again and again. */
async function pages(...answers: ((request: RawRequest) => void)[]) {
  let ordinal = 0
  const server = await rawServer(request => answers[Math.min(ordinal++, answers.length - 1)]!(request))
  return server
}

function sourceAt(url: string, series: string, { clock = systemClock, mostSeries = 60 } = {}): PrometheusSource {
  const source = new PrometheusSource(parseObserveFlag(`prometheus=${url}/metrics#${series}`), { clock, mostSeries })
  onTestFinished(() => source.close())
  return source
}

const text = (points: Awaited<ReturnType<PrometheusSource['sample']>>) =>
  points.map(
    ({ name, labels, value }) =>
      `${name}${Object.values(labels)
        .map(each => ` ${each}`)
        .join('')}: ${value}`,
  )

describe('PrometheusSource', () => {
  it('makes rates of counters, values of gauges, and rate, mean and p99 of histograms', async () => {
    const at = (count: number) => `# TYPE req_total counter
req_total{code="200"} ${count}
# TYPE conns gauge
conns ${count / 10}
# TYPE t_seconds histogram
t_seconds_bucket{path="/",le="0.1"} ${count}
t_seconds_bucket{path="/",le="0.5"} ${count * 2}
t_seconds_bucket{path="/",le="+Inf"} ${count * 2}
t_seconds_sum{path="/"} ${count / 2}
t_seconds_count{path="/"} ${count * 2}
# TYPE s_seconds summary
s_seconds{quantile="0.5"} 3
s_seconds_sum ${count}
s_seconds_count ${count}
# TYPE build info
build_info{version="1"} 1
`
    const { url } = await pages(page(at(100)), page(at(300)))
    const clock = new FakeClock()
    const source = sourceAt(url, '*', { clock })
    expect(text(await source.sample(never))).toEqual([
      'req_per_second 200: undefined',
      'conns: 10',
      't_seconds_count_per_second /: undefined',
      't_seconds_mean /: undefined',
      't_seconds_p99 /: undefined',
      's_seconds_count_per_second: undefined',
      's_seconds_mean: undefined',
    ])
    await clock.advance(2000)
    expect(text(await source.sample(never))).toEqual([
      'req_per_second 200: 100',
      'conns: 30',
      't_seconds_count_per_second /: 200',
      't_seconds_mean /: 0.25',
      't_seconds_p99 /: 0.492',
      's_seconds_count_per_second: 100',
      's_seconds_mean: 1',
    ])
  })

  it('has no rate for a counter that began again, and no value that is not finite', async () => {
    const { url } = await pages(page('a_total 100\nb NaN\n'), page('a_total 5\nb +Inf\n'), page('a_total 9\nb 1\n'))
    const clock = new FakeClock()
    const source = sourceAt(url, 'a_total,b', { clock })
    const taken = []
    for (let ordinal = 0; ordinal < 3; ordinal++) {
      taken.push(text(await source.sample(never)))
      await clock.advance(1000)
    }
    expect(taken.slice(1)).toEqual([
      ['a_per_second: undefined', 'b: undefined'],
      ['a_per_second: 4', 'b: 1'],
    ])
  })

  it('keeps the first series of a page, and says what it left out and what never came', async () => {
    const { url } = await pages(page(Array.from({ length: 9 }, (_, cpu) => `cpu{cpu="${cpu}"} 1\n`).join('')))
    const source = sourceAt(url, 'cpu,disk', { mostSeries: 4 })
    expect(await source.sample(never)).toHaveLength(4)
    expect(source.notKept).toEqual({ count: 5, examples: ['cpu'] })
    expect(source.unmatched).toEqual(['disk'])
  })

  it('counts a distribution that it left out once, and not its buckets', async () => {
    const buckets = ['0.1', '1', '+Inf'].map(le => `h_bucket{le="${le}"} 1\n`).join('')
    const { url } = await pages(page(`# TYPE h histogram\n${buckets}h_sum 1\nh_count 1\n`))
    const source = sourceAt(url, 'h', { mostSeries: 2 })
    expect(await source.sample(never)).toEqual([])
    expect(source.notKept).toEqual({ count: 1, examples: ['h'] })
  })

  it('reads compressed pages and those in chunks, over one connection', async () => {
    const zipped = gzipSync('up 1\n')
    const chunked = ({ socket }: RawRequest) =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nup \r\n2\r\n2\n\r\n0\r\n\r\n')
    const { url, seen } = await pages(page(zipped, 'Content-Encoding: gzip'), chunked)
    const source = sourceAt(url, 'up')
    expect(text(await source.sample(never))).toEqual(['up: 1'])
    expect(text(await source.sample(never))).toEqual(['up: 2'])
    expect(seen.map(({ connection }) => connection)).toEqual([1, 1])
    expect(seen[0]!.head).not.toMatch(/x-loadcell/i)
  })

  it('sends credentials and the query, and begins again on a connection that was closed meanwhile', async () => {
    const close = (request: RawRequest) => {
      page('up 1\n')(request)
      setTimeout(() => request.socket.end(), 20)
    }
    const { url, seen } = await pages(close)
    const withSecrets = url.replace('//', '//ada:s3cret@')
    const source = new PrometheusSource(parseObserveFlag(`prometheus=${withSecrets}/m?key=1#up`), {
      clock: systemClock,
      mostSeries: 9,
    })
    onTestFinished(() => source.close())
    await source.sample(never)
    await systemClock.sleep(60)
    await source.sample(never)
    expect(seen.map(({ line }) => line)).toEqual(Array(2).fill('GET /m?key=1 HTTP/1.1'))
    expect(seen[0]!.head).toContain(`uthorization: Basic ${Buffer.from('ada:s3cret').toString('base64')}`)
  })
})

describe('an endpoint that cannot be observed', () => {
  const status =
    (line: string, fields = '') =>
    ({ socket }: RawRequest) =>
      socket.write(`HTTP/1.1 ${line}\r\nContent-Length: 0\r\n${fields}\r\n`)
  const endless = ({ socket }: RawRequest) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n')
    const lines = Buffer.from(`filler{a="${'b'.repeat(1000)}"} 1\n`.repeat(1000))
    const more = () => void (socket.destroyed || socket.write(lines, error => error ?? more()))
    more()
  }

  it.each<[string, (request: RawRequest) => void, RegExp]>([
    ['401', status('401 Unauthorized'), /it answered 401: put a user name and password/],
    ['404', status('404 Not Found'), /it answered 404: give the path of the metrics too, which is often \/metrics/],
    ['500', status('500 Internal Server Error'), /^it answered 500$/],
    ['a redirect', status('302 Found', 'Location: http://127.0.0.1:1/\r\n'), /it redirects \(302\): give the address/],
    ['a page for people', page('<html></html>', 'Content-Type: text/html'), /got text\/html: give the path/],
    [
      'a page without a type that is none',
      page('<html>', 'X: y'),
      /text format of Prometheus: line 1: expected the name/,
    ],
    ['an empty page', page(''), /expected metrics in the text format of Prometheus, got none/],
    [
      'a compression that nobody asked for',
      page('x', 'Content-Encoding: aes'),
      /expected gzip or no compression, got aes/,
    ],
    ['a broken compression', page('no gzip', 'Content-Encoding: gzip'), /cannot be decompressed/],
    [
      'a bomb',
      page(gzipSync(`# ${' '.repeat(1000)}\n`.repeat(20_000)), 'Content-Encoding: gzip'),
      /at most 8388608 bytes of metrics, got more/,
    ],
    ['a page without an end', endless, /at most 8388608 bytes of metrics, got more/],
    [
      'half a page',
      ({ socket }) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nup 1\n'),
      /connection was closed/,
    ],
    ['no HTTP', ({ socket }) => socket.end('hello\r\n'), /protocol|HTTP/i],
  ])('is refused for %s', async (_what, answer, message) => {
    const { url } = await pages(answer)
    await expect(sourceAt(url, 'up').sample(never)).rejects.toThrow(message)
    const [finding] = await checkEndpoints([parseObserveFlag(`prometheus=${url}/metrics#up`)], {
      clock: systemClock,
      signal: never,
    })
    expect(finding).toMatchObject({ state: 'refused', detail: expect.stringMatching(message) as string })
  })

  it('is refused if nobody listens', async () => {
    await expect(sourceAt('http://127.0.0.1:1', 'up').sample(never)).rejects.toThrow(/ECONNREFUSED/)
  })

  it('is given up when it takes too long, or when the run is over', async () => {
    const { url } = await pages(({ socket }) => socket.write('HTTP/1.1 200 OK\r\n\r\nup 1\n'))
    const clock = new FakeClock()
    const slow = sourceAt(url, 'up', { clock }).sample(never)
    const late = expect(slow).rejects.toThrow('its metrics were not complete within 3000 ms')
    await clock.advance(3001)
    await late
    const over = new AbortController()
    const cut = expect(sourceAt(url, 'up').sample(over.signal)).rejects.toThrow('the run was over')
    over.abort()
    await cut
  })
})

describe('checkEndpoints', () => {
  const check = async (body: string, series = '') => {
    const { url } = await pages(page(body))
    const flag = `prometheus=${url}/metrics${series === '' ? '' : `#${series}`}`
    const findings = await checkEndpoints([parseObserveFlag(flag)], { clock: systemClock, signal: never })
    return findings.map(({ state, detail }) => `${state}: ${detail}`)
  }

  it('accepts a page with the usual series, or with those that are chosen', async () => {
    expect(await check('process_cpu_seconds_total 1\n')).toEqual([])
    expect(await check('a{b="c"} 1\n', 'a{b="c"}')).toEqual([])
  })

  it('accepts a metric that is declared and has no series yet', async () => {
    expect(await check('# TYPE orders_total counter\nup 1\n', 'orders_total')).toEqual([])
  })

  it('names what there is if none of the usual series are', async () => {
    expect(await check('shop_orders 1\n')).toEqual([
      expect.stringMatching(/^refused: .*choose some of its 1 metrics \(shop_orders …\)/),
    ])
  })

  it('suggests the closest name for a series that is missing', async () => {
    expect(await check('node_load1 1\n', 'node_laod1,node_*')).toEqual([
      'doubtful: it has no series node_laod1 now; did you mean node_load1?',
    ])
  })

  it('tells that an endpoint is too slow for a sample each second', async () => {
    const clock = new FakeClock()
    const { url } = await pages(request => void clock.advance(1500).then(() => page('up 1\n')(request)))
    const findings = await checkEndpoints([parseObserveFlag(`prometheus=${url}/metrics#up`)], { clock, signal: never })
    expect(findings.map(({ state, detail }) => `${state}: ${detail}`)).toEqual([
      'doubtful: its metrics took 1500 ms, and a sample that takes longer than a second leaves gaps',
    ])
  })

  it('reads the whole page strictly, because its lines are skipped during the run', async () => {
    expect(await check('up 1\nbroken{\n', 'up')).toEqual([
      expect.stringContaining('line 2: expected the name of a label'),
    ])
  })
})
