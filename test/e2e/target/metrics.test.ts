import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { onTestFinished, describe, expect, it } from 'vitest'
import type { CapacityReport, StationReport } from '../../../contract/faults/station-report.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { secureTarget } from './secure.ts'
import { connectTo, testTarget, type TestTarget } from './support.ts'

function targetWith(...rules: FaultRule[]): Promise<TestTarget> {
  return testTarget({ 'faults.rules': JSON.stringify(rules), 'http.drainTimeout': '100ms' })
}

/** Loadcell's own series by name and labels. */
async function scrape(target: TestTarget): Promise<Map<string, number>> {
  const text = await (await fetch(`${target.url}/metrics`)).text()
  return new Map([...text.matchAll(/^(loadcell_\S+) (\S+)$/gm)].map(([, series, value]) => [series!, Number(value)]))
}

async function untilScraped(
  target: TestTarget,
  holds: (series: Map<string, number>) => boolean,
): Promise<Map<string, number>> {
  for (;;) {
    const series = await scrape(target)
    if (holds(series)) return series
  }
}

function send(target: TestTarget, path: string): void {
  const socket = connectTo(target.port)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  socket.resume()
  onTestFinished(() => void socket.destroy())
}

async function station(target: TestTarget): Promise<StationReport> {
  return ((await (await fetch(`${target.url}/_loadcell/capacity`)).json()) as CapacityReport).stations[0]!
}

const products = { operation: 'products.get' }

describe('/metrics', () => {
  it('shows the visitors of each station, and the outcomes of all that arrived', async () => {
    const target = await targetWith({
      id: 'products',
      match: products,
      fault: { type: 'capacity', station: 'database', servers: 1, service: '10m', queue: 1 },
    })
    send(target, '/products/1')
    await untilScraped(target, series => series.get('loadcell_station_busy_servers{station="database"}') === 1)
    send(target, '/products/2')
    await untilScraped(target, series => series.get('loadcell_station_queued{station="database"}') === 1)
    expect((await fetch(`${target.url}/products/3`)).status).toBe(503)
    const series = await scrape(target)
    const of = (name: string, labels = '') => series.get(`loadcell_station_${name}{station="database"${labels}}`)
    expect({ servers: of('servers'), busyServers: of('busy_servers'), queued: of('queued') }).toEqual({
      servers: 1,
      busyServers: 1,
      queued: 1,
    })
    expect({ arrivalsTotal: of('arrivals_total'), servedTotal: of('served_total') }).toEqual({
      arrivalsTotal: 3,
      servedTotal: 0,
    })
    const unserved = ['turned_away', 'timed_out', 'abandoned', 'released'].map(cause => [
      cause,
      of('unserved_total', `,cause="${cause}"`),
    ])
    expect(Object.fromEntries(unserved)).toEqual({ turned_away: 1, timed_out: 0, abandoned: 0, released: 0 })
    expect({
      waitSecondsCount: of('wait_seconds_count'),
      waitSecondsSum: of('wait_seconds_sum'),
      serviceSecondsCount: of('service_seconds_count'),
    }).toEqual({ waitSecondsCount: 1, waitSecondsSum: 0, serviceSecondsCount: 0 })
  })

  it('shows how long visitors of a station waited and were served, in seconds', async () => {
    const target = await targetWith({ id: 'db', match: products, fault: { type: 'capacity', servers: 1, service: 50 } })
    await Promise.all([1, 2].map(id => fetch(`${target.url}/products/${id}`)))
    const { wait, service } = await station(target)
    const series = await scrape(target)
    const of = (name: string, labels = '') => series.get(`loadcell_station_${name}{station="db"${labels}}`)
    expect({
      waitSecondsCount: of('wait_seconds_count'),
      serviceSecondsCount: of('service_seconds_count'),
    }).toEqual({ waitSecondsCount: wait.count, serviceSecondsCount: service.count })
    expect(of('wait_seconds_sum')).toBeCloseTo(wait.sumMs / 1000, 9)
    expect(of('wait_seconds_sum')).toBeGreaterThan(0)
    expect(series.get('loadcell_station_wait_seconds{quantile="0.99",station="db"}')).toBeCloseTo(wait.maxMs / 1000, 3)
    expect(series.get('loadcell_station_service_seconds{quantile="0.5",station="db"}')).toBeCloseTo(0.05, 4)
  })

  it('shows the matches and injections of each fault rule', async () => {
    const target = await targetWith(
      { id: 'all', match: products, share: 1, fault: { type: 'status', status: 503 } },
      { id: 'none', match: products, share: 0, fault: { type: 'reset' } },
    )
    for (const id of [1, 2, 3]) await fetch(`${target.url}/products/${id}`)
    const series = await scrape(target)
    expect(series.get('loadcell_fault_matched_total{rule="all",type="status"}')).toBe(3)
    expect(series.get('loadcell_fault_injected_total{rule="all",type="status"}')).toBe(3)
    expect(series.get('loadcell_fault_matched_total{rule="none",type="reset"}')).toBe(3)
    expect(series.get('loadcell_fault_injected_total{rule="none",type="reset"}')).toBe(0)
  })

  it('limits the number of its series without losing counts', async () => {
    const rules = Array.from(
      { length: 300 },
      (_, at): FaultRule => ({
        id: `r${at}`,
        match: products,
        fault: { type: 'capacity', servers: 1, service: '0.01ms' },
      }),
    )
    const target = await targetWith(...rules)
    await fetch(`${target.url}/products/1`)
    const series = await scrape(target)
    const named = (name: string) => [...series].filter(([key]) => key.startsWith(`${name}{`))
    for (const name of ['fault_matched_total', 'station_arrivals_total', 'station_wait_seconds_count']) {
      const found = named(`loadcell_${name}`)
      expect(found).toHaveLength(257)
      expect(found.reduce((sum, [, value]) => sum + value, 0)).toBe(300)
    }
    expect(series.get('loadcell_station_wait_seconds_count{station="(other)"}')).toBe(44)
  })

  it('exports exactly the documented metrics', async () => {
    const target = await secureTarget({ 'http2.enabled': 'true' })
    const text = await target.metrics()
    const kinds = new Map([...text.matchAll(/^# TYPE (loadcell_\w+) (\w+)$/gm)].map(([, name, kind]) => [name!, kind!]))
    const served = [...text.matchAll(/^# HELP (loadcell_\w+) (.+)$/gm)].map(([, name, help]) => [
      name,
      kinds.get(name!),
      help,
    ])
    const page = readFileSync(resolve(import.meta.dirname, '../../../docs/target.md'), 'utf8')
    const documented = [...page.matchAll(/^\| `(loadcell_\w+)` \| (\w+) \| [^|]* \| (.+) \|$/gm)]
    expect(documented.map(([, name, kind, meaning]) => [name, kind, meaning])).toEqual(served)
  })
})
