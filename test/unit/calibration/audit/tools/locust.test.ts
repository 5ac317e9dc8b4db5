import { describe, expect, it } from 'vitest'
import { locust } from '../../../../../calibration/audit/tools/locust.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }
const current = (file: string) => toolSample(`locust-2.47.0/${file}`)
const old = (file: string) => toolSample(`locust-2.12.1/${file}`)

describe('locust', () => {
  it('counts all requests in its JSON but those it stopped, and the bytes of bodies', () => {
    const { requests, receivedBytes } = locust.read([current('locust.json')]).total
    const { arrivals, aborted, bytesOut } = ledgerOfSample('locust-2.47.0/locust.json')
    expect({ requests, receivedBytes }).toEqual({ requests: arrivals - aborted, receivedBytes: bytesOut })
  })

  it('counts statuses of 400 and up and broken connections as failures', () => {
    const { failures } = locust.read([current('locust.json')]).total
    const { unanswered, aborted, statuses } = ledgerOfSample('locust-2.47.0/locust.json')
    expect(failures).toBe(statuses[404]! + statuses[503]! + unanswered - aborted)
  })

  it.each([
    { version: '2.47.0', read: () => locust.read([current('locust_stats.csv')]) },
    { version: '2.12.1', read: () => locust.read([old('locust_stats.csv')]) },
  ])('lacks its last interval in the CSV of $version', ({ version, read }) => {
    const report = read()
    const { arrivals } = ledgerOfSample(`locust-${version}/locust_stats.csv`)
    const missing = 1 - report.total.requests / arrivals
    expect({ missing, traits: report.traits }).toEqual({
      missing: expect.toSatisfy((share: number) => share > 0.05 && share < 0.15),
      traits: { atEnd: 'loses_interval' },
    })
  })

  it('has names and methods apart', () => {
    const rows = [current('locust.json'), current('locust_stats.csv')].map(source => locust.read([source]).rows)
    expect(rows.map(each => each.map(({ method, name }) => `${method} ${name}`).sort())).toEqual(
      Array.from({ length: 2 }, () => ['GET /api/v1/products?limit=5', 'GET /products/[id]', 'GET missing']),
    )
  })

  it('takes percentiles from its rounded times as Locust itself does', () => {
    // The CSV is a second older than the JSON, but both round to 10 ms above 100 ms.
    const percentilesOf = (file: string) => locust.read([current(file)]).total.latency?.percentiles ?? []
    const inCsv = new Map(percentilesOf('locust_stats.csv').map(({ percentile, valueMs }) => [percentile, valueMs]))
    const apart = percentilesOf('locust.json').map(({ percentile, valueMs }) => ({
      percentile,
      apartMs: Math.abs(valueMs - inCsv.get(percentile)!),
    }))
    expect(apart.filter(({ apartMs }) => apartMs > 10)).toEqual([])
    expect(percentilesOf('locust.json').at(-2)).toEqual({ percentile: 99, valueMs: 150 })
  })

  it('takes errors without a response from its failures', () => {
    const { rows } = locust.read([current('locust.json'), current('locust_failures.csv')])
    expect(rows.find(({ name }) => name === '/products/[id]')?.errors).toEqual({
      "ConnectionResetError(104, 'Connection reset by peer')": 5,
    })
  })

  it('has times from its history', () => {
    const { durationMs, startedAt } = locust.read([current('locust_stats.csv'), current('locust_stats_history.csv')])
    expect({ durationMs, startedAt }).toEqual({ durationMs: 7000, startedAt: 1795948842000 })
  })

  it('is read from its history alone, without the percentiles of its last seconds', () => {
    const { total } = locust.read([current('locust_stats_history.csv')])
    expect(total.latency?.percentiles.map(({ percentile }) => percentile)).toEqual([50])
    expect(total.requests).toBe(locust.read([current('locust_stats.csv')]).total.requests)
  })

  it('is read from what it prints behind what its script prints', () => {
    const json = current('locust.json').bytes.toString()
    const printed = locust.read([sourceOfText(`users: [\n1]\n${json}\n`)])
    expect(printed.total).toEqual(locust.read([current('locust.json')]).total)
  })

  it('is refused when there are only failures', () => {
    expect(refusalOf(locust, current('locust_failures.csv'))).toBe(
      "locust_failures.csv: expected Locust's …_stats.csv, got its failures alone, which do not count requests. Pass …_stats.csv too.",
    )
  })

  it('is refused with the line and the column of a number that is none', () => {
    const text = current('locust_stats.csv').bytes.toString().replace('/products/[id],228', '/products/[id],many')
    expect(refusalOf(locust, sourceOfText(text))).toBe(
      'report: line 3: expected a number in column "Request Count", got "many".',
    )
  })

  it('is refused when columns of another version are missing', () => {
    const text = current('locust_stats.csv').bytes.toString().replace('Average Content Size', 'Size')
    expect(refusalOf(locust, sourceOfText(text))).toBe(
      'report: line 2: expected a column "Average Content Size" as Locust 2 writes it, got none. The file is of another version.',
    )
  })

  it('is given the target and asked for JSON', () => {
    const args = ['-f', 'locustfile.py', '--headless', '-u', '20', '-t', '1m30s']
    expect(locust.prepare({ program: 'locust', args }, target, '/audit')).toMatchObject({
      args: ['--host', target.url, '--json-file', '/audit/locust', ...args],
      files: ['/audit/locust.json'],
      readsStdout: false,
      requested: { users: 20, durationMs: 90_000 },
    })
  })

  it('is asked for CSV when its help knows no JSON', () => {
    const command = { program: 'locust', args: ['-f', 'locustfile.py'], help: '--csv CSV_PREFIX' }
    expect(locust.prepare(command, target, '/audit')).toMatchObject({
      args: ['--host', target.url, '--csv', '/audit/locust', ...command.args],
      files: ['/audit/locust_stats.csv', '/audit/locust_stats_history.csv', '/audit/locust_failures.csv'],
    })
    const current = { ...command, help: '--csv CSV_PREFIX --json-file <filename>' }
    expect(locust.prepare(current, target, '/audit').files).toEqual(['/audit/locust.json'])
  })

  it('keeps its own host and reports', () => {
    const command = { program: 'python3', args: ['-m', 'locust', '-H', 'http://127.0.0.1:2', '--csv', 'x/y'] }
    expect(locust.prepare(command, target, '/audit')).toMatchObject({
      args: command.args,
      added: [],
      files: ['x/y_stats.csv', 'x/y_stats_history.csv', 'x/y_failures.csv'],
    })
    const printing = { program: 'locust', args: ['--json', '--host=x'] }
    expect(locust.prepare(printing, target, '/audit')).toMatchObject({ files: [], readsStdout: true })
  })
})
