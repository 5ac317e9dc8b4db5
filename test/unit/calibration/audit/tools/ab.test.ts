import { describe, expect, it } from 'vitest'
import { ab } from '../../../../../calibration/audit/tools/ab.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }
const timed = [toolSample('ab-2.3/timed.txt'), toolSample('ab-2.3/timed.csv')]

describe('ab', () => {
  it('is read from its output', () => {
    const report = ab.read([toolSample('ab-2.3/timed.txt')])
    expect(report).toMatchObject({ tool: 'ab', version: '2.3', sources: ['timed.txt'] })
    expect(report.durationMs).toBeCloseTo(2021)
    expect(report.total).toEqual({
      name: '',
      requests: 490,
      failures: 43,
      receivedBytes: 3158695,
      requestsPerSecond: 242.48,
      latency: {
        minMs: 30,
        meanMs: 32,
        maxMs: 52,
        percentiles: [
          { percentile: 50, valueMs: 31 },
          { percentile: 66, valueMs: 31 },
          { percentile: 75, valueMs: 31 },
          { percentile: 80, valueMs: 32 },
          { percentile: 90, valueMs: 35 },
          { percentile: 95, valueMs: 38 },
          { percentile: 98, valueMs: 50 },
          { percentile: 99, valueMs: 51 },
          { percentile: 100, valueMs: 52 },
        ],
      },
    })
    expect(report.rows).toEqual([{ ...report.total, name: '/api/v1/products', path: '/api/v1/products' }])
  })

  it('has finer percentiles where it wrote them to a file', () => {
    const percentiles = ab.read(timed).total.latency?.percentiles ?? []
    expect(percentiles.map(({ percentile }) => percentile)).toEqual([50, 66, 75, 80, 90, 95, 98, 99, 100])
    expect(percentiles.every(({ valueMs }) => !Number.isInteger(valueMs))).toBe(true)
  })

  it('leaves out one request on each of its connections at the end of a time, and none of a number', () => {
    const missing = (path: string) => ledgerOfSample(path).arrivals - ab.read([toolSample(path)]).total.requests
    expect({ timed: missing('ab-2.3/timed.txt'), counted: missing('ab-2.3/counted.txt') }).toEqual({
      timed: 8,
      counted: 0,
    })
  })

  it('counts the bytes of bodies', () => {
    const { total } = ab.read([toolSample('ab-2.3/counted.txt')])
    expect(total.receivedBytes).toBe(ledgerOfSample('ab-2.3/counted.txt').bytesOut)
  })

  it('counts responses of another length as failures, which is said, unless -l leaves lengths alone', () => {
    expect(ab.read(timed).remarks).toContain(
      '43 of the failures are responses of another length than the first, which may be good ones',
    )
    const { total, remarks } = ab.read([toolSample('ab-2.3/counted.txt')])
    expect({ failures: total.failures, remarks }).toEqual({
      failures: 0,
      remarks: ['times are rounded to 1 ms', '16 responses were not 2xx'],
    })
  })

  it('is refused when there are its percentiles only', () => {
    expect(refusalOf(ab, timed[1]!)).toMatch(/^timed.csv: expected the output of ab.* pass the output too/)
  })

  it('is refused when its percentiles are cut off or damaged', () => {
    const csv = timed[1]!.bytes.toString()
    expect(refusalOf(ab, timed[0]!, sourceOfText(csv.split('\n').slice(0, 40).join('\n'), 'ab.csv'))).toMatch(
      /^ab.csv: .*cut off/,
    )
    expect(refusalOf(ab, timed[0]!, sourceOfText(csv.replace('\n5,', '\n5;'), 'ab.csv'))).toMatch(
      /^ab.csv: line 7: expected a percentage and ms as ab -e writes them, got "5;/,
    )
  })

  it('is refused without its counts', () => {
    const text = timed[0]!.bytes.toString().split('Complete requests')[0]!
    expect(refusalOf(ab, sourceOfText(text))).toMatch(/it has no line "Complete requests"/)
  })

  it('is asked for a file with its percentiles before its URL', () => {
    expect(ab.prepare({ program: 'ab', args: ['-c', '10', '-n', '200', 'http://x/'] }, target, '/tmp')).toMatchObject({
      args: ['-e', '/tmp/ab.csv', '-c', '10', '-n', '200', 'http://x/'],
      files: ['/tmp/ab.csv'],
      readsStdout: true,
      requested: { users: 10, requests: 200 },
    })
  })

  it('is asked behind its own name when another program starts it', () => {
    const args = ['-c', '1', 'ab', '-n', '200', 'http://x/']
    expect(ab.prepare({ program: 'taskset', args }, target, '/tmp').args).toEqual([
      '-c',
      '1',
      'ab',
      '-e',
      '/tmp/ab.csv',
      '-n',
      '200',
      'http://x/',
    ])
  })

  it('keeps a file that the command names', () => {
    const args = ['-e', 'mine.csv', 'http://x/']
    expect(ab.prepare({ program: 'ab', args }, target, '/tmp')).toMatchObject({ args, files: ['mine.csv'], added: [] })
  })
})
