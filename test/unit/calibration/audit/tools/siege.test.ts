import { describe, expect, it } from 'vitest'
import { siege } from '../../../../../calibration/audit/tools/siege.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }

describe('siege', () => {
  it('is read from its JSON, where successes and failures together are its requests', () => {
    expect(siege.read([toolSample('siege-4.0.7/stdout.json')])).toEqual({
      tool: 'siege',
      sources: ['stdout.json'],
      durationMs: 1590,
      rows: [],
      total: {
        name: '',
        requests: 390,
        failures: 42,
        receivedBytes: Math.round(2.35 * 2 ** 20),
        latency: { meanMs: 40, minMs: 20, maxMs: 50, percentiles: [] },
      },
      remarks: [
        'times are rounded to 10 ms, and bytes to 0.01 MB',
        'requests are the successful and the failed transactions together; its rate, of successful ones only, is left out',
      ],
    })
  })

  it('is read from what it prints', () => {
    const { version, total, durationMs } = siege.read([toolSample('siege-4.0.7/printed.txt')])
    const { arrivals, statuses } = ledgerOfSample('siege-4.0.7/printed.txt')
    expect({ version, durationMs, requests: total.requests, failures: total.failures }).toEqual({
      version: '4.0.7',
      durationMs: 630,
      requests: arrivals,
      failures: statuses['503'],
    })
  })

  it('leaves out one request of each user at the end of a time', () => {
    const { requests } = siege.read([toolSample('siege-4.0.7/stdout.json')]).total
    expect(ledgerOfSample('siege-4.0.7/stdout.json').arrivals - requests).toBe(8)
  })

  it('is read when lines about requests precede its JSON', () => {
    const json = toolSample('siege-4.0.7/stdout.json').bytes.toString()
    const text = `HTTP/1.1 200     0.04 secs:    7047 bytes ==> GET  /\n`.repeat(500) + json
    expect(siege.read([sourceOfText(text)]).total.requests).toBe(390)
  })

  it('is read with the ms that later versions print', () => {
    const text = toolSample('siege-4.0.7/printed.txt')
      .bytes.toString()
      .replace(/Response time:.*/, 'Response time:\t\t       38.20 ms')
      .replace(/Longest transaction:.*/, 'Longest transaction:\t       60.00 ms')
      .replace(/Shortest transaction:.*/, 'Shortest transaction:\t       30.00 ms')
    expect(siege.read([sourceOfText(text)]).total.latency).toEqual({
      meanMs: expect.closeTo(38.2),
      minMs: expect.closeTo(30),
      maxMs: expect.closeTo(60),
      percentiles: [],
    })
  })

  it('is refused in another unit', () => {
    const text = toolSample('siege-4.0.7/printed.txt')
      .bytes.toString()
      .replace(/(Response time:.*)secs/, '$1ticks')
    expect(refusalOf(siege, sourceOfText(text))).toMatch(/"0\.0\d ticks" is no time in ns, us, ms, s, m or h/)
  })

  it('is refused when its JSON lacks a number', () => {
    const text = toolSample('siege-4.0.7/stdout.json').bytes.toString().replace('failed_transactions', 'failures')
    expect(refusalOf(siege, sourceOfText(text))).toBe(
      'report: expected the JSON of siege -j, but at failed_transactions expected a value, got nothing. It may be of another tool or version.',
    )
  })

  it('is refused when its JSON is cut off', () => {
    const { bytes } = toolSample('siege-4.0.7/stdout.json')
    expect(refusalOf(siege, { name: 'out.json', bytes: bytes.subarray(0, 200) })).toBe(
      'out.json: expected the JSON of siege -j, but it ends in the middle, after 200 characters. Run the tool to its end.',
    )
  })

  it('is asked for JSON, with minutes as the unit of its time', () => {
    expect(siege.prepare({ program: 'siege', args: ['-c5', '-t2', 'http://x/'] }, target, '/tmp')).toMatchObject({
      args: ['-j', '-c5', '-t2', 'http://x/'],
      readsStdout: true,
      requested: { users: 5, durationMs: 120_000 },
    })
    expect(siege.prepare({ program: 'siege', args: ['-j', '-t30S'] }, target, '/tmp')).toMatchObject({
      added: [],
      requested: { durationMs: 30_000 },
    })
  })
})
