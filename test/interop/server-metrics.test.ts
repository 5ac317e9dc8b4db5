import { spawn, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { checkEndpoints } from '../../harness/server/check-endpoints.ts'
import { ExpositionReader } from '../../harness/server/exposition/exposition-reader.ts'
import type { SeriesPoint } from '../../harness/server/metric-source.ts'
import { parseObserveFlag } from '../../harness/server/observed-endpoint.ts'
import { PrometheusSource } from '../../harness/server/prometheus-source.ts'
import { freePort } from '../support/free-port.ts'

/** Debian's packages are seen by its own Python only, which need not be the first one on the path. */
const pythons = [process.env['LOADCELL_TEST_PYTHON'] ?? 'python3', '/usr/bin/python3']
const python = pythons.find(path => spawnSync(path, ['-c', 'import prometheus_client']).status === 0)
const exporters = [process.env['LOADCELL_TEST_NODE_EXPORTER'] ?? 'prometheus-node-exporter', 'node_exporter']
const nodeExporter = exporters.find(path => spawnSync(path, ['--version']).status === 0)
const script = resolve(import.meta.dirname, 'prometheus_exporter.py')
const never = new AbortController().signal

/** Says aloud that an exporter is missing. */
function has(program: string | undefined, why: string): boolean {
  if (program !== undefined) return true
  process.stderr.write(`\n!!! SKIPPED: ${why}. No metrics of that exporter were read.\n\n`)
  return false
}

/** Starts an exporter, and returns the URL of its metrics once it answers. */
async function started(program: string, args: (port: number) => string[]): Promise<string> {
  const port = await freePort()
  const child = spawn(program, args(port), { stdio: 'ignore', env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}/metrics`
  for (let isUp = false; !isUp; ) {
    await systemClock.sleep(50)
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`)
    isUp = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    )
  }
  return url
}

/** Samples an endpoint several times, as a run does, and returns the points of the last sample by name and labels. */
async function sampled(flag: string, times = 3): Promise<Map<string, SeriesPoint>> {
  const endpoint = parseObserveFlag(flag)
  expect(await checkEndpoints([endpoint], { clock: systemClock, signal: never })).toEqual([])
  const source = new PrometheusSource(endpoint, { clock: systemClock, mostSeries: 60 })
  onTestFinished(() => source.close())
  let points: SeriesPoint[] = []
  for (let ordinal = 0; ordinal < times; ordinal++) {
    points = await source.sample(never)
    await systemClock.sleep(200)
  }
  expect(source.unmatched).toEqual([])
  return new Map(points.map(point => [[point.name, ...Object.values(point.labels)].join(' '), point]))
}

const hasPython = has(
  python,
  `no ${pythons.join(' or ')} has prometheus_client (apt install python3-prometheus-client)`,
)

describe.skipIf(!hasPython)('an exporter with the client of Prometheus for Python', () => {
  const serve = () => started(python!, port => [script, String(port)])

  it('is sampled: rates of counters, means and percentiles of histograms', async () => {
    const points = await sampled(`prometheus=${await serve()}#shop_*,process_cpu_seconds_total`)
    expect(points.get('shop_queue')!.value).toBe(7)
    expect(points.get('shop_orders_per_second new')!.value).toBeGreaterThan(100)
    expect(points.get('shop_request_seconds_mean')!.value).toBeCloseTo(0.3)
    expect(points.get('shop_request_seconds_p99')!.value).toBeCloseTo(0.1 + 0.99 * 0.4)
    expect(points.get('shop_size_bytes_mean')!.value).toBe(1000)
    expect(points.get('process_cpu_seconds_per_second')!.value).toBeGreaterThanOrEqual(0)
    expect(points.get('shop_nasty a "b" \\ c\nd {e="f"}, ü 🏔')!.value).toBe(-1.5e-7)
  })

  it.each(['text/plain', 'application/openmetrics-text; version=1.0.0'])(
    'writes a page as %s whose samples are read as its own parser reads them',
    async accept => {
      const page = await (await fetch(await serve(), { headers: { accept } })).text()
      const samples: unknown[] = []
      const reader = new ExpositionReader({
        onSample: ({ name, labels, value }) => samples.push([name, labels, value]),
      })
      reader.push(Buffer.from(page))
      reader.end()
      const { stdout, stderr } = spawnSync(python!, [script, 'parse'], { input: page, encoding: 'utf8' })
      expect(stderr).toBe('')
      const theirs = (JSON.parse(stdout) as [string, [string, string][], string][]).map(([name, labels, value]) => [
        name,
        Object.fromEntries(labels),
        value === 'inf' ? Number.POSITIVE_INFINITY : Number(value),
      ])
      const inOrder = (rows: unknown[]) => rows.map(row => JSON.stringify(row, sortedKeys)).sort()
      expect(theirs.length).toBeGreaterThan(20)
      expect(inOrder(samples)).toEqual(inOrder(theirs))
    },
  )
})

/** Writes objects with their keys in order, and numbers that JSON cannot hold as text. */
function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const hasNodeExporter = has(
  nodeExporter,
  `there is no ${exporters.join(' or ')} (apt install prometheus-node-exporter, or set LOADCELL_TEST_NODE_EXPORTER)`,
)

describe.skipIf(!hasNodeExporter)('the node exporter of Prometheus', () => {
  const serve = () => started(nodeExporter!, port => [`--web.listen-address=127.0.0.1:${port}`])

  it('is sampled by the usual series, without a choice', async () => {
    const points = await sampled(`prometheus=${await serve()}`)
    expect(points.get('node_load1')!.value).toBeGreaterThanOrEqual(0)
    expect(points.get('node_memory_MemAvailable_bytes')!.value).toBeGreaterThan(1e6)
    expect(points.get('process_open_fds')!.value).toBeGreaterThan(0)
    const idle = points.get('node_cpu_seconds_per_second 0 idle')!.value
    expect(idle).toBeGreaterThanOrEqual(0)
    expect(idle).toBeLessThan(1.5)
  })

  it('has a page that can be read strictly, and series that can be chosen by their labels', async () => {
    const points = await sampled(`prometheus=${await serve()}#node_cpu_seconds_total{mode!="idle",cpu="0"},go_gc_*`)
    expect([...points.keys()]).toContain('node_cpu_seconds_per_second 0 user')
    expect([...points.keys()]).not.toContain('node_cpu_seconds_per_second 0 idle')
    expect([...points.keys()]).toContain('go_gc_duration_seconds_count_per_second')
  })
})
