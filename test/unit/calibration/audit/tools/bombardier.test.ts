import { describe, expect, it } from 'vitest'
import { bombardier } from '../../../../../calibration/audit/tools/bombardier.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }

describe('bombardier', () => {
  it('counts what the ledger has, by class of status', () => {
    const { total } = bombardier.read([toolSample('bombardier-1.2.6/timed.json')])
    const { arrivals, statuses } = ledgerOfSample('bombardier-1.2.6/timed.json')
    expect({ requests: total.requests, statuses: total.statuses, failures: total.failures }).toEqual({
      requests: arrivals,
      statuses: { '2xx': statuses['200'], '5xx': statuses['503'] },
      failures: 0,
    })
  })

  it('has latencies in microseconds', () => {
    const { latency } = bombardier.read([toolSample('bombardier-1.2.6/timed.json')]).total
    expect(latency?.percentiles.map(({ percentile }) => percentile)).toEqual([50, 75, 90, 95, 99])
    expect(latency?.percentiles[0]?.valueMs).toBeGreaterThan(30)
    expect(latency?.percentiles[0]?.valueMs).toBeLessThan(40)
  })

  it('counts the heads of responses as bytes', () => {
    const { receivedBytes = 0, requests } = bombardier.read([toolSample('bombardier-1.2.6/timed.json')]).total
    const headBytes = (receivedBytes - ledgerOfSample('bombardier-1.2.6/timed.json').bytesOut) / requests
    expect(headBytes).toBeGreaterThan(150)
    expect(headBytes).toBeLessThan(300)
  })

  it('is read behind what it prints for people, and says that percentiles are missing', () => {
    const { total, rows, remarks } = bombardier.read([toolSample('bombardier-1.2.6/with-introduction.txt')])
    expect({ requests: total.requests, percentiles: total.latency?.percentiles, remarks }).toEqual({
      requests: 80,
      percentiles: [],
      remarks: ['there are no percentiles: bombardier was run without -l'],
    })
    expect(rows[0]).toMatchObject({ method: 'GET', path: expect.stringMatching(/\/api\/v1\/products$/) as string })
  })

  it('counts requests without a response as failures', () => {
    expect(bombardier.read([toolSample('bombardier-1.2.6/refused.json')]).total).toMatchObject({
      requests: 10,
      failures: 10,
      statuses: {},
      errors: { 'dial tcp 127.0.0.1:1: connect: connection refused': 10 },
    })
  })

  it('is refused with numbers that it cannot have', () => {
    const text = toolSample('bombardier-1.2.6/timed.json').bytes.toString()
    expect(refusalOf(bombardier, sourceOfText(text.replace('"req5xx":', '"req5xx":-')))).toMatch(
      /at result.req5xx expected/,
    )
    expect(refusalOf(bombardier, sourceOfText(text.replace('"req5xx"', '"req5"')))).toMatch(
      /at result.req5xx expected a value, got nothing. It may be of another tool or version/,
    )
  })

  it('is asked for JSON with percentiles', () => {
    const args = ['-c', '10', '-d', '3s', '-r', '200', 'http://x/']
    expect(bombardier.prepare({ program: 'bombardier', args }, target, '/tmp')).toMatchObject({
      args: ['-o', 'json', '-p', 'r', '-l', ...args],
      readsStdout: true,
      requested: { users: 10, durationMs: 3000, ratePerSecond: 200 },
    })
  })
})
