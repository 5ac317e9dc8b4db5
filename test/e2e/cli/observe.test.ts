import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import type { RunResult } from '../../../harness/results/run-result.ts'
import { readResult, scratchFolder, writeScenario } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

const reader = (more = '') => `
import { scenario, user } from 'loadcell'
export default scenario({
  load: { executor: 'constant-arrival-rate', rate: 40, duration: '3s', preAllocatedVUs: 40 },
  users: [user('u', { iterate: ({ http }) => http.get('/products') })],
  ${more}
})`

/** Serves pages of metrics: the n-th answer is that of `answer(n)`. */
async function exporter({ onTestFinished }: TestContext, answer: (ordinal: number, response: ServerResponse) => void) {
  let ordinal = 0
  const server = createServer((_, response) => answer(ordinal++, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, asked: () => ordinal }
}

const counters = (ordinal: number, response: ServerResponse) =>
  void response.end(`# TYPE shop_orders counter\nshop_orders_total{kind="a"} ${ordinal * 7}\nload 0.5\n# EOF\n`)

async function run(scenario: string, ...flags: string[]) {
  const out = join(scratchFolder(), 'out')
  const args = ['run', writeScenario(scenario), '--warmup', '0', '--quiet', '--out', out, ...flags]
  const { code, output } = await loadcell(args)
  const written = () => readdirSync(out).map(file => readFileSync(join(out, file), 'utf8'))
  return { code, output, out, result: () => readResult(out), texts: () => [output, ...written()] }
}

/** Text without the line breaks of the summary. */
const words = (text: string) => text.replaceAll(/\s+/g, ' ')

const valuesOf = ({ server }: RunResult, name: string) => server.series.find(each => each.name === name)!.values

describe('loadcell run', () => {
  it('samples the embedded target each second, and says what saturated', async () => {
    const { result: read, output, out } = await run(reader(), '--report', 'csv', '--report', 'openmetrics')
    const result = read()
    const { server, timeline, reconciliation } = result
    const [target, ...others] = server.sources
    expect(others).toEqual([])
    expect(target).toMatchObject({ source: 'target', kind: 'loadcell', unmatched: [], seriesNotKept: 0, notKept: [] })
    // On a machine that is busy, a sample may be late, and so may the end of the run. A late sample is a gap.
    expect(target!.answered + target!.failed).toBe(timeline.length + 1)
    for (const { name, values, at } of server.series) {
      expect([name, values.length]).toEqual([name, (at ?? timeline).length])
    }
    const sampled = valuesOf(result, 'cpu_cores').filter(value => value > 0)
    expect(sampled.length).toBeGreaterThan(0)
    expect(sampled.length).toBeLessThan(target!.answered)
    expect(valuesOf(result, 'connections_open').some(value => value > 0)).toBe(true)
    expect(reconciliation.state).toBe('agrees')
    expect(words(output)).toContain(`server ${server.saturation.sentence}`)
    const page = readFileSync(join(out, 'report.html'), 'utf8')
    expect(page).toContain('data-chart="target-cpu"')
    expect(page.indexOf('data-chart="target-cpu"')).toBeGreaterThan(page.indexOf('data-chart="response"'))
    expect(page).toContain('What saturated first')
    expect(readFileSync(join(out, 'server.csv'), 'utf8')).toMatch(/,target,cpu_cores,,[\d.e-]+\r\n/)
    expect(readFileSync(join(out, 'openmetrics.txt'), 'utf8')).toContain(
      'loadcell_server_mean{source="target",series="cpu_cores"',
    )
  })

  it('names the station that saturated', async () => {
    const faults = `faults: { rules: [{ id: 'db', match: { operation: 'products.list' },
      fault: { type: 'capacity', servers: 1, service: '50ms', queue: 10 } }] },`
    const named = async (seconds: number) => {
      const { result, output } = await run(reader(faults), '--duration', `${seconds}s`)
      if (!result().server.saturation.reached.some(({ resource }) => resource === 'the station db')) return false
      expect(output).toMatch(/^server +First to saturate/m)
      return true
    }
    // A busy machine is late with samples, so that a short run may lack three in a row.
    for (let seconds = 4; !(await named(seconds)); seconds *= 2) continue
  })

  it('samples the endpoints of --observe and of the scenario, and draws them', async context => {
    const one = await exporter(context, counters)
    const other = await exporter(context, counters)
    const observe = `observe: [{ prometheus: '${other.url}', series: ['load'] }],`
    const { result: read, out } = await run(reader(observe), '--observe', `prometheus=${one.url}#shop_orders{kind="a"}`)
    const { server, timeline } = read()
    expect(server.sources.map(({ source }) => source)).toEqual(['target', other.url, one.url])
    const orders = server.series.find(({ name }) => name === 'shop_orders_per_second')!
    expect(orders).toMatchObject({ source: one.url, labels: { kind: 'a' } })
    for (const value of orders.values) expect(value).toBeGreaterThan(0)
    const load = server.series.find(({ source }) => source === other.url)!
    expect(load.name).toBe('load')
    expect(new Set(load.values)).toEqual(new Set([0.5]))
    // Once before the run, at its beginning, and at the end of each second in which the machine had the time.
    const { answered, failed } = server.sources[2]!
    expect(answered + failed).toBe(1 + timeline.length)
    expect(one.asked()).toBeGreaterThanOrEqual(1 + answered)
    expect(one.asked()).toBeLessThanOrEqual(2 + timeline.length)
    const page = readFileSync(join(out, 'report.html'), 'utf8')
    expect(page).toContain('<strong>shop_orders_per_second</strong>')
    expect(page).toContain(`--observe &#39;prometheus=${one.url}#shop_orders{`)
  })

  it('leaves gaps where an endpoint fails during the run, and does not disturb the run', async context => {
    const { url } = await exporter(context, (ordinal, response) => {
      if (ordinal === 3) response.writeHead(500).end()
      else if (ordinal >= 4) response.destroy()
      else counters(ordinal, response)
    })
    const { code, result: read, output } = await run(reader(), '--observe', `prometheus=${url}#load`)
    expect([0, 98]).toContain(code)
    const result = read()
    const load = result.server.series.find(({ name }) => name === 'load')!
    expect(new Set(load.values)).toEqual(new Set([0.5]))
    expect(load.at!.length).toBeLessThan(result.timeline.length)
    expect(result.server.sources[1]!.failed).toBeGreaterThanOrEqual(2)
    expect(words(output)).toMatch(/\d of \d+ samples failed, the first at 0:0\d: (it answered 500|no answer within)/)
    expect(result.outcome.state).toBe('completed')
  })

  it('takes nothing of the run while an endpoint hangs', async context => {
    const { url } = await exporter(context, (ordinal, response) => {
      if (ordinal === 0) counters(ordinal, response)
    })
    const { result, output } = await run(reader(), '--observe', `prometheus=${url}#load`)
    expect(result().server.sources[1]).toMatchObject({ answered: 0, problem: { detail: 'no answer within a second' } })
    const { requests, droppedIterations } = result().totals
    expect(requests + droppedIterations).toBe(120)
    expect(words(output)).toMatch(/failed, the first at 0:0\d: no answer within a second/)
  })

  it('conceals the credentials of an endpoint everywhere', async context => {
    const { url } = await exporter(context, (ordinal, response) =>
      ordinal < 2 ? counters(ordinal, response) : void response.writeHead(401).end('s3cret of ada'),
    )
    const secret = `${url.replace('//', '//ada:s3cret@')}?key=t0ken`
    const { texts, out } = await run(reader(), '--observe', `prometheus=${secret}#load`, '--report', 'csv')
    for (const text of texts()) expect(text).not.toMatch(/s3cret|t0ken|YWRhOnMzY3JldA/)
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('//***@127.0.0.1')
  })
})

describe('loadcell run --observe refuses before any load', () => {
  const refused = async (...flags: string[]) => {
    const { code, output, out } = await run(reader(), ...flags)
    expect(code).toBe(104)
    expect(() => readdirSync(out)).toThrow(/ENOENT/)
    return output
  }

  it('endpoints that do not answer with metrics, all at once', async context => {
    const { url } = await exporter(context, (_, response) => void response.writeHead(404).end())
    const secret = url.replace('//', '//ada:s3cret@')
    const output = await refused(
      '--observe',
      `prometheus=${secret}`,
      '--observe',
      'prometheus=http://127.0.0.1:1/metrics',
    )
    expect(output).toContain('//***@127.0.0.1')
    expect(output).toContain('it answered 404: give the path of the metrics too')
    expect(output).toMatch(/127\.0\.0\.1:1\/metrics: .*ECONNREFUSED/)
    expect(output).not.toContain('s3cret')
  })

  it.each([
    ['what it does not know', 'statsd=x', 'expected prometheus=<url of its metrics>, got "statsd=…"'],
    ['a URL without a scheme', 'prometheus=h:1', 'expected the URL of metrics'],
    ['series that have no name', 'prometheus=http://127.0.0.1:1/#{a="1"}', 'expected the name of a series'],
  ])('%s', async (_what, value, message) => {
    expect(await refused('--observe', value)).toContain(`--observe: ${message}`)
  })

  it('fields of a scenario that are wrong', async () => {
    const scenario = reader(`observe: [{ prometheus: 'x', serie: ['a'] }, { prometheus: 'http://h/', series: [] }],`)
    const { code, output } = await run(scenario)
    expect(code).toBe(104)
    expect(output).toMatch(/observe\[0\]\.serie: there is no such key/)
    expect(output).toMatch(/observe\[0\]: expected the URL of metrics/)
    expect(output).toMatch(/observe\[1\]\.series: expected an array with at least one item/)
  })

  it('tells a series that is missing, and runs', async context => {
    const { url } = await exporter(context, counters)
    const { output, result } = await run(reader(), '--observe', `prometheus=${url}#laod,shop_*`)
    expect(output).toContain(`Note: ${url}: it has no series laod now; did you mean load?`)
    expect(result().server.sources[1]!.unmatched).toEqual(['laod'])
    expect(output).toContain('no series laod')
  })
})
