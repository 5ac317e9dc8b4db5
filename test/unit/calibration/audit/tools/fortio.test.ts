import { describe, expect, it } from 'vitest'
import { fortio } from '../../../../../calibration/audit/tools/fortio.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }

describe('fortio', () => {
  it('does not count the first request on each connection', () => {
    const { total } = fortio.read([toolSample('fortio-1.63.10/timed.json')])
    expect(ledgerOfSample('fortio-1.63.10/timed.json').arrivals - total.requests).toBe(8)
  })

  it('counts all that the ledger has with its other client, whose bytes have no heads and are left out', () => {
    const { total } = fortio.read([toolSample('fortio-1.63.10/stdclient.json')])
    const { arrivals, statuses } = ledgerOfSample('fortio-1.63.10/stdclient.json')
    expect({
      requests: total.requests,
      statuses: total.statuses,
      failures: total.failures,
      bytes: total.receivedBytes,
    }).toEqual({ requests: arrivals, statuses, failures: statuses['503'], bytes: undefined })
  })

  it('has times in seconds, and a duration in nanoseconds', () => {
    const { version, startedAt = 0, durationMs = 0, total } = fortio.read([toolSample('fortio-1.63.10/timed.json')])
    expect(version).toBe('1.63.10')
    expect(new Date(startedAt).getFullYear()).toBe(2026)
    expect(durationMs).toBeGreaterThan(1900)
    expect(durationMs).toBeLessThan(2200)
    expect(total.latency?.percentiles.map(({ percentile }) => percentile)).toEqual([50, 75, 90, 99, 99.9])
    expect(total.latency?.minMs).toBeGreaterThan(30)
    expect(total.latency?.minMs).toBeLessThan(35)
  })

  it('counts requests without a response as failures', () => {
    const { requests, failures, errors, statuses } = fortio.read([toolSample('fortio-1.63.10/refused.json')]).total
    expect({ requests, failures, errors, statuses }).toEqual({
      requests: 4,
      failures: 4,
      errors: { 'code -1': 4 },
      statuses: {},
    })
  })

  it('is refused for a run that is not HTTP', () => {
    const text = toolSample('fortio-1.63.10/timed.json')
      .bytes.toString()
      .replace('"RunType": "HTTP"', '"RunType": "GRPC Ping"')
    expect(refusalOf(fortio, sourceOfText(text))).toMatch(/^report: expected a run of HTTP, got GRPC Ping/)
  })

  it('is refused with a histogram of another shape, or a time that is none', () => {
    const text = toolSample('fortio-1.63.10/timed.json').bytes.toString()
    expect(refusalOf(fortio, sourceOfText(text.replace('"Percentiles": [', '"Percentiles": [1, ')))).toMatch(
      /at DurationHistogram.Percentiles/,
    )
    expect(refusalOf(fortio, sourceOfText(text.replace(/"StartTime": "[^"]*"/, '"StartTime": "yesterday"')))).toMatch(
      /expected a time in StartTime, got "yesterday"/,
    )
  })

  it('is asked for its JSON behind its command', () => {
    const args = ['load', '-allow-initial-errors', '-c', '4', '-compression', '-qps', '50', '-t', '5s', 'http://x/']
    expect(fortio.prepare({ program: 'fortio', args }, target, '/tmp')).toMatchObject({
      args: ['load', '-json', '/tmp/fortio.json', ...args.slice(1)],
      files: ['/tmp/fortio.json'],
      requested: { users: 4, ratePerSecond: 50, durationMs: 5000 },
    })
    expect(
      fortio.prepare({ program: 'fortio', args: ['load', '-json', '-', 'http://x/'] }, target, '/tmp'),
    ).toMatchObject({
      files: [],
      readsStdout: true,
    })
  })
})
