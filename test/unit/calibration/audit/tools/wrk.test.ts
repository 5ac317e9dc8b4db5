import { describe, expect, it } from 'vitest'
import { wrk } from '../../../../../calibration/audit/tools/wrk.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }

describe('wrk', () => {
  it('is read from its output with --latency', () => {
    expect(wrk.read([toolSample('wrk-4.1.0/latency.txt')])).toEqual({
      tool: 'wrk',
      sources: ['latency.txt'],
      durationMs: 2010,
      rows: [],
      total: {
        name: '',
        requests: 512,
        failures: 46,
        receivedBytes: Math.round(3.24 * 2 ** 20),
        requestsPerSecond: 255.24,
        latency: {
          meanMs: 31.25,
          maxMs: 50.85,
          percentiles: [
            { percentile: 50, valueMs: 30.54 },
            { percentile: 75, valueMs: 31.1 },
            { percentile: 90, valueMs: 32.55 },
            { percentile: 99, valueMs: 43.23 },
          ],
        },
      },
      remarks: ['bytes are rounded to two decimals of their unit'],
    })
  })

  it('leaves out one request on each of its connections at the end', () => {
    const { requests } = wrk.read([toolSample('wrk-4.1.0/latency.txt')]).total
    expect(ledgerOfSample('wrk-4.1.0/latency.txt').arrivals - requests).toBe(8)
  })

  it('counts the heads of responses as bytes', () => {
    const { receivedBytes = 0, requests } = wrk.read([toolSample('wrk-4.1.0/latency.txt')]).total
    const headBytes = (receivedBytes - ledgerOfSample('wrk-4.1.0/latency.txt').bytesOut) / requests
    expect(headBytes).toBeGreaterThan(150)
    expect(headBytes).toBeLessThan(300)
  })

  it('has no percentiles without --latency, and says so', () => {
    const { total, remarks } = wrk.read([toolSample('wrk-4.1.0/plain.txt')])
    expect(total.latency?.percentiles).toEqual([])
    expect(remarks).toContain('there are no percentiles: wrk was run without --latency')
  })

  it('is read with times in other units, and with socket errors', () => {
    const text = toolSample('wrk-4.1.0/latency.txt')
      .bytes.toString()
      .replace('30.54ms', '305.40us')
      .replace('43.23ms', '1.93s')
      .replace('50.85ms', '1.01m')
      .replace('  Non-2xx', '  Socket errors: connect 0, read 3, write 0, timeout 12\n  Non-2xx')
    const { total } = wrk.read([sourceOfText(text)])
    expect(total.errors).toEqual({ read: 3, timeout: 12 })
    expect(total.latency?.maxMs).toBeCloseTo(60_600)
    expect(total.latency?.percentiles.map(({ valueMs }) => valueMs)).toEqual([0.3054, 31.1, 32.55, 1930])
  })

  it('is read as a shell of Windows saves it', () => {
    const text = toolSample('wrk-4.1.0/latency.txt').bytes.toString().replaceAll('\n', '\r\n')
    const source = { name: 'out.txt', bytes: Buffer.from(`\ufeff${text}`, 'utf16le') }
    expect(wrk.recognizes(source)).toBe(true)
    expect(wrk.read([source]).total.requests).toBe(512)
  })

  it('is refused in a unit that it does not have', () => {
    const text = toolSample('wrk-4.1.0/latency.txt').bytes.toString().replace('30.54ms', '30.54ticks')
    expect(refusalOf(wrk, sourceOfText(text))).toBe(
      'report: expected the output of wrk, but "30.54ticks" is no time in ns, us, ms, s, m or h. It may be of another version.',
    )
  })

  it('is refused without its last lines', () => {
    const text = toolSample('wrk-4.1.0/latency.txt').bytes.toString().split('512 requests')[0]!
    expect(refusalOf(wrk, sourceOfText(text))).toBe(
      'report: expected the output of wrk, but it has no line "… requests in …, … read". Run the tool to its end and pass all of its output.',
    )
  })

  it('is refused when it could not connect', () => {
    expect(refusalOf(wrk, toolSample('wrk-4.1.0/refused.txt'))).toMatch(/^refused.txt: expected the output of wrk/)
  })

  it('is not wrk2, whose latencies begin when a request was due', () => {
    const text = toolSample('wrk-4.1.0/latency.txt')
      .bytes.toString()
      .replace('Latency Distribution', 'Latency Distribution (HdrHistogram - Recorded Latency)')
    expect(refusalOf(wrk, sourceOfText(text))).toMatch(/the output of wrk2/)
  })

  it('is asked for its percentiles', () => {
    const command = { program: 'wrk', args: ['-t2', '-c10', '-d5s', 'http://x'] }
    expect(wrk.prepare(command, target, '/tmp')).toEqual({
      args: ['--latency', '-t2', '-c10', '-d5s', 'http://x'],
      env: {},
      added: ['--latency, so that wrk prints its percentiles'],
      files: [],
      readsStdout: true,
      requested: { users: 10, durationMs: 5000 },
    })
  })

  it('is left alone when it is asked for them already', () => {
    const args = ['--latency', 'http://x']
    expect(wrk.prepare({ program: 'wrk', args }, target, '/tmp')).toMatchObject({ args, added: [] })
  })
})
