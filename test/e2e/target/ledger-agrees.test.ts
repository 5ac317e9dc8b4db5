import type { Socket } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import type { FaultsReport } from '../../../contract/faults/report.ts'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import type { CapacityReport, StationCounts } from '../../../contract/faults/station-report.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import type { LedgerRecord } from '../../../contract/ledger-record.ts'
import { connectTo, testTarget } from './support.ts'

const RUNS = ['one', 'two'] as const
/** Requests of each run that stay at a station for as long as the test lasts. */
const STUCK = 3

const rules: FaultRule[] = [
  { id: 'down', match: { operation: 'products.list' }, share: 0.4, fault: { type: 'status', status: 503 } },
  {
    id: 'slow',
    match: { operation: 'products.list' },
    share: 0.5,
    fault: { type: 'delay', at: 'before_first_byte', distribution: { type: 'exponential', mean: '3ms' } },
  },
  {
    id: 'lost',
    match: { operation: 'products.list' },
    share: 0.3,
    fault: { type: 'reset', at: 'after_handler' },
  },
  {
    id: 'short',
    match: { operation: 'products.get' },
    share: 0.3,
    fault: { type: 'close_early', afterBytes: 20, contentLength: 'right' },
  },
  {
    id: 'database',
    match: { operation: 'products.get' },
    fault: { type: 'capacity', servers: 1, service: '15ms', queue: 3, timeout: '20ms' },
  },
  {
    id: 'stuck',
    match: { operation: 'categories.list' },
    fault: { type: 'capacity', servers: 1, service: '10m', queue: 20 },
  },
]

const target = await testTarget({ 'faults.rules': JSON.stringify(rules), 'http.drainTimeout': '100ms' })

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(`${target.url}/_loadcell/${path}`)).json()) as T
}

const ledgers = () => Promise.all(RUNS.map(run => get<LedgerReport>(`ledger?run=${run}`)))

/** Sends a request on its own connection and ignores its outcome. */
function send(path: string, run: string, key: string) {
  const socket = connectTo(target.port)
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nX-Loadcell-Run: ${run}\r\nX-Loadcell-Exchange: ${key}\r\nConnection: close\r\n\r\n`,
  )
  socket.resume()
  afterAll(() => void socket.destroy())
  return socket
}

/** Disconnects as soon as the request is sent. */
function leave(socket: Socket): Socket {
  socket.destroySoon()
  return socket
}

/** Waits until only the stuck requests are left. */
async function untilQuiet(): Promise<LedgerReport[]> {
  for (;;) {
    const found = await ledgers()
    if (found.every(({ open }) => open.requests === STUCK)) return found
  }
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0)
}

const sumOf = (histogram: { count: number } | undefined) => histogram?.count ?? 0

describe('the target’s own numbers, while rules and stations are active', async () => {
  const sockets = RUNS.flatMap(run => [
    ...Array.from({ length: 40 }, (_, at) => send('/products?limit=1', run, `list-${at}`)),
    ...Array.from({ length: 40 }, (_, at) => send(`/products/${at + 1}`, run, `get-${at}`)),
    ...Array.from({ length: 6 }, (_, at) => leave(send('/products?limit=2', run, `gone-${at}`))),
  ])
  const stuck = RUNS.map(run => Array.from({ length: STUCK + 2 }, (_, at) => send('/categories', run, `stuck-${at}`)))
  await Promise.all(sockets.map(socket => new Promise(resolve => socket.once('close', resolve))))
  // Two of each leave while they wait, except one that may already be in service.
  for (const each of stuck) for (const socket of each.slice(STUCK)) socket.destroy()
  const reports = await untilQuiet()
  const { rules: ruleReports } = await get<FaultsReport>('faults')
  const { stations } = await get<CapacityReport>('capacity')
  const metrics = await (await fetch(`${target.url}/metrics`)).text()
  const series = new Map(
    [...metrics.matchAll(/^(loadcell_\S+) (\S+)$/gm)].map(([, name, value]) => [name!, Number(value)]),
  )
  const accounts = reports.flatMap(({ operations }) => operations)

  it('cover delays, refusals, cuts and full stations', () => {
    const all = sum(accounts.map(({ arrivals }) => arrivals))
    expect(all).toBe(2 * (86 + STUCK + 2))
    for (const { injected, rule } of ruleReports) expect(injected, rule.id).toBeGreaterThan(0)
    expect(accounts.some(({ cut }) => cut > 0)).toBe(true)
    expect(sum(stations.map(({ turnedAway }) => turnedAway))).toBeGreaterThan(0)
  })

  it('account for every arrival as answered, unanswered or open', () => {
    for (const { operation, arrivals, statuses, unanswered, aborted, cut, firstByte, lastByte, handler } of accounts) {
      const answered = sum(Object.values(statuses))
      const open = operation === 'categories.list' ? STUCK : 0
      expect(answered + unanswered + open, operation).toBe(arrivals)
      expect({ operation, firstByteCount: firstByte.count }).toEqual({ operation, firstByteCount: answered })
      expect({ operation, lastByteCount: lastByte.count }).toEqual({
        operation,
        lastByteCount: arrivals - open - aborted - cut,
      })
      expect(handler.count).toBeLessThanOrEqual(arrivals)
    }
  })

  it('contain a record of each ended request, with the status that was counted', async () => {
    for (const [index, run] of RUNS.entries()) {
      const { operations, records } = reports[index]!
      const text = await (await fetch(`${target.url}/_loadcell/ledger/records?run=${run}`)).text()
      const lines = text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as LedgerRecord)
      expect(records).toEqual({ kept: lines.length, notKept: 0 })
      for (const { operation, statuses, unanswered, aborted, cut } of operations) {
        const own = lines.filter(line => line.operation === operation)
        const counted = Map.groupBy(own, ({ status }) => String(status))
        const told = { ...statuses, ...(unanswered > 0 && { 0: unanswered }) }
        expect(Object.fromEntries([...counted].map(([status, { length }]) => [status, length]))).toEqual(told)
        const ended = (how: string) => own.filter(({ outcome }) => outcome === how).length
        expect({ endedAborted: ended('aborted'), endedCut: ended('cut') }).toEqual({
          endedAborted: aborted,
          endedCut: cut,
        })
      }
    }
  })

  it('agree on each rule between its report, the ledger of all runs, and Prometheus', () => {
    for (const { rule, matched, injected, delay } of ruleReports) {
      const own = reports.flatMap(({ faults }) => faults.rules.filter(({ id }) => id === rule.id))
      expect(sum(own.map(each => each.matched)), rule.id).toBe(matched)
      expect(sum(own.map(each => each.injected)), rule.id).toBe(injected)
      expect(sum(own.map(({ plannedDelay }) => sumOf(plannedDelay)))).toBe(sumOf(delay?.planned))
      expect(sum(own.map(({ actualDelay }) => sumOf(actualDelay)))).toBe(sumOf(delay?.actual))
      const labels = `{rule="${rule.id}",type="${rule.fault.type}"}`
      expect(series.get(`loadcell_fault_matched_total${labels}`)).toBe(matched)
      expect(series.get(`loadcell_fault_injected_total${labels}`)).toBe(injected)
    }
  })

  it('account for every arrival at a station, and attribute it to the rule that sent it', () => {
    const fields = ['arrived', 'served', 'turnedAway', 'timedOut', 'abandoned', 'released'] as const
    for (const station of stations) {
      const own = reports.flatMap(({ faults }) => faults.stations.filter(each => each.station === station.name))
      for (const field of fields) expect(sum(own.map(each => each[field])), field).toBe(station[field])
      expect(endedOf(station) + station.busy + station.queued).toBe(station.arrived)
      expect(sum(own.map(({ wait }) => wait.count))).toBe(station.served)
      expect(station.wait.count).toBe(station.served + station.busy)
      expect(station.service.count).toBe(station.served)
      const rule = ruleReports.find(each => each.rule.id === station.name)!
      expect(rule.injected).toBe(station.arrived)
      expect(sumOf(rule.delay?.planned)).toBe(station.served)
      expect(series.get(`loadcell_station_arrivals_total{station="${station.name}"}`)).toBe(station.arrived)
    }
    const visits = accounts.filter(({ operation }) => operation === 'products.get')
    const { served, timedOut } = stations.find(({ name }) => name === 'database')!
    expect(sum(visits.map(({ queueWait }) => sumOf(queueWait)))).toBe(served + timedOut)
    expect(sum(visits.map(({ stationService }) => sumOf(stationService)))).toBe(served)
  })

  it('export the sum over all runs to Prometheus', () => {
    for (const operation of new Set(accounts.map(each => each.operation))) {
      const own = accounts.filter(each => each.operation === operation)
      const total = (name: string, labels = '') =>
        series.get(`loadcell_${name}_total{operation="${operation}"${labels}}`) ?? 0
      expect(total('requests')).toBe(sum(own.map(({ arrivals }) => arrivals)))
      expect(total('cut')).toBe(sum(own.map(({ cut }) => cut)))
      expect(total('aborted')).toBe(sum(own.map(({ aborted }) => aborted)))
      expect(total('sent_bytes')).toBe(sum(own.map(({ bytesOut }) => bytesOut)))
      for (const status of new Set(own.flatMap(({ statuses }) => Object.keys(statuses)))) {
        const counted = sum(own.map(({ statuses }) => statuses[status] ?? 0))
        expect(total('responses', `,status="${status}"`)).toBe(counted)
      }
    }
  })
})

function endedOf({ served, turnedAway, timedOut, abandoned, released }: StationCounts): number {
  return served + turnedAway + timedOut + abandoned + released
}
