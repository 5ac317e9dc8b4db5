import { describe, expect, it } from 'vitest'
import { oha } from '../../../../../calibration/audit/tools/oha.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }

describe('oha', () => {
  it('counts what is in flight at the end of a time as failures, so that all arrivals are there', () => {
    const { total } = oha.read([toolSample('oha-1.16.0/timed.json')])
    const { arrivals, statuses, aborted } = ledgerOfSample('oha-1.16.0/timed.json')
    expect({
      requests: total.requests,
      statuses: total.statuses,
      failures: total.failures,
      errors: total.errors,
    }).toEqual({
      requests: arrivals,
      statuses,
      failures: aborted,
      errors: { 'aborted due to deadline': 8 },
    })
  })

  it('counts what the ledger has when it made a number of requests, where a 503 is no failure', () => {
    const { total } = oha.read([toolSample('oha-1.16.0/counted.json')])
    const { arrivals, statuses, bytesOut } = ledgerOfSample('oha-1.16.0/counted.json')
    expect({ ...total, requestsPerSecond: 0, latency: undefined }).toEqual({
      name: '',
      requests: arrivals,
      failures: 0,
      statuses,
      receivedBytes: bytesOut,
      requestsPerSecond: 0,
      latency: undefined,
    })
  })

  it('has times in seconds', () => {
    const { durationMs, total } = oha.read([toolSample('oha-1.16.0/timed.json')])
    expect(durationMs).toBeCloseTo(2002.278411)
    expect(total.latency).toMatchObject({
      minMs: expect.closeTo(30.425532) as number,
      maxMs: expect.closeTo(212.245031) as number,
    })
    expect(total.latency?.percentiles.map(({ percentile }) => percentile)).toEqual([
      10, 25, 50, 75, 90, 95, 99, 99.9, 99.99,
    ])
    expect(total.latency?.percentiles[2]?.valueMs).toBeCloseTo(32.241393)
  })

  it('has no latencies without a response', () => {
    expect(oha.read([toolSample('oha-1.16.0/refused.json')]).total).toMatchObject({
      requests: 8,
      failures: 8,
      errors: { 'Connection refused (os error 111)': 8 },
      statuses: {},
    })
    expect(oha.read([toolSample('oha-1.16.0/refused.json')]).total.latency).toBeUndefined()
  })

  it('is refused with a member missing', () => {
    const text = toolSample('oha-1.16.0/timed.json').bytes.toString().replace('statusCodeDistribution', 'statusCodes')
    expect(refusalOf(oha, sourceOfText(text))).toBe(
      'report: expected the JSON of oha (--output-format json), but at statusCodeDistribution expected a value, got nothing. It may be of another tool or version.',
    )
  })

  it('is asked for JSON in a file, and keeps what the command names', () => {
    const args = ['-z', '5s', '-c', '10', '-q', '100', 'http://x/']
    expect(oha.prepare({ program: 'oha', args }, target, '/tmp')).toMatchObject({
      args: ['--output-format', 'json', '--no-tui', '-o', '/tmp/oha.json', ...args],
      files: ['/tmp/oha.json'],
      readsStdout: false,
      requested: { users: 10, durationMs: 5000, ratePerSecond: 100 },
    })
    expect(oha.prepare({ program: 'oha', args: ['--no-tui', 'http://x/'] }, target, '/tmp').args).toEqual([
      '--output-format',
      'json',
      '-o',
      '/tmp/oha.json',
      '--no-tui',
      'http://x/',
    ])
    expect(
      oha.prepare({ program: 'oha', args: ['--output-format', 'json', 'http://x/'] }, target, '/tmp'),
    ).toMatchObject({
      added: [],
      files: [],
      readsStdout: true,
    })
    expect(oha.prepare({ program: 'oha', args: ['-j', '-o', 'a.json', 'http://x/'] }, target, '/tmp')).toMatchObject({
      added: [],
      files: ['a.json'],
      readsStdout: false,
    })
  })
})
