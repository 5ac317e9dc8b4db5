import { describe, expect, it } from 'vitest'
import type { ReportSource } from '../../../../../calibration/audit/tool.ts'
import { artillery } from '../../../../../calibration/audit/tools/artillery.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }
const VERSIONS = ['2.0.34', '2.0.21']

type Counters = Record<string, number>

/** The sample with other counters. */
function changed(change: (counters: Counters) => Counters): ReportSource {
  const report = JSON.parse(toolSample('artillery-2.0.34/artillery.json').bytes.toString()) as {
    aggregate: { counters: Counters }
  }
  report.aggregate.counters = change(report.aggregate.counters)
  return sourceOfText(JSON.stringify(report))
}

describe('artillery', () => {
  it.each(VERSIONS)('counts in version %s what the ledger has: requests, statuses, failures and bytes', version => {
    const { requests, statuses, failures, receivedBytes } = artillery.read([
      toolSample(`artillery-${version}/artillery.json`),
    ]).total
    const ledger = ledgerOfSample(`artillery-${version}/artillery.json`)
    expect({ requests, statuses, failures, receivedBytes }).toEqual({
      requests: ledger.arrivals,
      statuses: ledger.statuses,
      failures: ledger.unanswered,
      receivedBytes: ledger.bytesOut,
    })
  })

  it.each(VERSIONS)('has a row for each endpoint of version %s, which add up to the total', version => {
    const { rows, total } = artillery.read([toolSample(`artillery-${version}/artillery.json`)])
    expect(Object.fromEntries(rows.map(({ name, path }) => [name, path]))).toEqual({
      '/api/v1/products?limit=5': '/api/v1/products?limit=5',
      '/api/v1/products/1 (one product)': '/api/v1/products/1',
      '/api/v1/products/99999999': '/api/v1/products/99999999',
    })
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((all, row) => all + of(row), 0)
    expect({ requests: sum(row => row.requests), failures: sum(row => row.failures!) }).toEqual({
      requests: total.requests,
      failures: total.failures,
    })
  })

  it('has its percentiles', () => {
    const { latency } = artillery.read([toolSample('artillery-2.0.34/artillery.json')]).total
    expect(latency).toEqual({
      meanMs: 51.4,
      minMs: 8,
      maxMs: 227,
      percentiles: [
        { percentile: 50, valueMs: 44.3 },
        { percentile: 75, valueMs: 62.2 },
        { percentile: 90, valueMs: 87.4 },
        { percentile: 95, valueMs: 115.6 },
        { percentile: 99, valueMs: 162.4 },
        { percentile: 99.9, valueMs: 223.7 },
      ],
    })
  })

  it('has errors of checks apart from requests without a response', () => {
    const { total, traits, remarks } = artillery.read([
      changed(counters => ({ ...counters, 'errors.Failed capture or match': 36 })),
    ])
    expect({ failures: total.failures, traits }).toEqual({ failures: 40, traits: { failure: 'checks' } })
    expect(remarks).toContain('36 of the errors are failed captures or checks, not failed requests')
  })

  it('reads the prefix that its plugin was given', () => {
    const { name, bytes } = toolSample('artillery-2.0.34/artillery.json')
    const text = bytes.toString().replaceAll('plugins.metrics-by-endpoint', 'mine')
    expect(artillery.read([{ name, bytes: Buffer.from(text) }]).rows).toHaveLength(3)
  })

  it('says when endpoints are not told apart', () => {
    const { rows, remarks } = artillery.read([
      changed(counters => Object.fromEntries(Object.entries(counters).filter(([key]) => !key.startsWith('plugins.')))),
    ])
    expect(rows).toEqual([])
    expect(remarks).toContain('it has no metrics by endpoint: the plugin metrics-by-endpoint is off')
  })

  it('is refused when it is of version 1', () => {
    const text = '{"aggregate":{"scenariosCreated":1,"requestsCompleted":3,"codes":{"200":3}},"intermediate":[]}'
    expect(refusalOf(artillery, sourceOfText(text))).toBe(
      'report: expected the JSON of Artillery 2 (--output), but at aggregate.counters expected a value, got nothing. It may be of another tool or version.',
    )
  })

  it('is given the target and asked for JSON behind its word run', () => {
    const command = { program: 'npx', args: ['artillery', 'run', 'script.yml'] }
    expect(artillery.prepare(command, target, '/audit')).toMatchObject({
      args: ['artillery', 'run', '--target', target.url, '--output', '/audit/artillery.json', 'script.yml'],
      files: ['/audit/artillery.json'],
    })
  })

  it('keeps its own target and output', () => {
    const command = { program: 'artillery', args: ['run', '-t', 'http://127.0.0.1:2', '-o', 'mine.json', 'script.yml'] }
    expect(artillery.prepare(command, target, '/audit')).toMatchObject({
      args: command.args,
      added: [],
      files: ['mine.json'],
    })
  })
})
