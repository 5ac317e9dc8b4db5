import { describe, expect, it } from 'vitest'
import { tsung } from '../../../../../calibration/audit/tools/tsung.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }
const log = toolSample('tsung-1.7.0/tsung.log')
const dump = toolSample('tsung-1.7.0/tsung.dump')

describe('tsung', () => {
  it('has its totals from the statistics, and its rows from the dump', () => {
    const { sources, rows, total, samples } = tsung.read([log, sourceOfText('', 'match.log'), dump])
    expect(sources).toEqual(['tsung.log', 'tsung.dump'])
    expect(rows.map(({ name, method, path }) => ({ name, method, path }))).toEqual([
      { name: 'GET /api/v1/products', method: 'GET', path: '/api/v1/products' },
      { name: 'GET /api/v1/products/1', method: 'GET', path: '/api/v1/products/1' },
    ])
    expect(samples).toHaveLength(rows.reduce((sum, { requests }) => sum + requests, 0))
    expect(total.statuses).toEqual({ 200: 70, 503: 2 })
    expect(total.requests).toBe(72)
  })

  it.each(['tsung.log', 'json/tsung.log'])('counts no more than the ledger, and little less, in %s', file => {
    const { total } = tsung.read([toolSample(`tsung-1.7.0/${file}`)])
    const lost = ledgerOfSample(`tsung-1.7.0/${file}`).arrivals - total.requests
    expect(lost).toBeGreaterThanOrEqual(0)
    expect(lost).toBeLessThan(20)
  })

  it('loses the requests of its last moments in the dump', () => {
    const { requests } = tsung.read([dump]).total
    expect(ledgerOfSample('tsung-1.7.0/tsung.log').arrivals - requests).toBeGreaterThan(0)
  })

  it('has the mean of all intervals together', () => {
    const text = [
      '# stats: dump at 1000',
      'stats: request 10 20.0 1 50 5 0 0',
      'stats: 200 10 10',
      '# stats: dump at 1010',
      'stats: request 30 40.0 1 90 4 20.0 10',
      'stats: 200 30 40',
      'stats: size_rcv 100 400',
      'EndMonitor:{1,2,3}',
    ].join('\n')
    expect(tsung.read([sourceOfText(text)]).total).toEqual({
      name: '',
      requests: 40,
      statuses: { 200: 40 },
      receivedBytes: 400,
      latency: { meanMs: 35, minMs: 4, maxMs: 90, percentiles: [] },
    })
  })

  it('has the same numbers from both kinds of log', () => {
    const { total } = tsung.read([toolSample('tsung-1.7.0/json/tsung.log')])
    expect(total).toMatchObject({ statuses: { 200: 423, 503: 24 } })
    expect(total.latency?.minMs).toBeGreaterThan(30)
  })

  it('dates a request to its start, where its dump has its end', () => {
    const text = `${dump.bytes.toString().split('\n')[0]}\n1795948420.269614;<0.178.0>;1;post;127.0.0.1;/a;201;7250;36.729;tr;;;\n`
    const { samples, rows } = tsung.read([sourceOfText(text)])
    expect(samples).toEqual([
      {
        name: 'POST /a',
        startedAt: expect.closeTo(1795948420232.885, 2) as number,
        elapsedMs: 36.729,
        status: 201,
        failed: false,
      },
    ])
    expect(rows[0]).toMatchObject({ method: 'POST', path: '/a', receivedBytes: 7250 })
  })

  it('is refused when it was ended before its end', () => {
    const text = log.bytes.toString().replace(/EndMonitor.*/, '')
    expect(refusalOf(tsung, sourceOfText(text))).toMatch(
      /expected a log of Tsung up to its end \("EndMonitor"\), got 2 intervals/,
    )
  })

  it('is refused when it sent nothing', () => {
    const text = log.bytes.toString().replaceAll(/stats: request .*\n/g, '')
    expect(refusalOf(tsung, sourceOfText(text))).toMatch(
      /expected statistics of requests \("request"\), but it has none/,
    )
  })

  it('is refused with damaged numbers or lines', () => {
    const text = log.bytes.toString()
    expect(refusalOf(tsung, sourceOfText(text.replace('stats: 200 ', 'stats: 200 x')))).toMatch(
      /line 13: expected "stats: 200" with 2 or 7 numbers, got/,
    )
    const lines = dump.bytes.toString()
    expect(refusalOf(tsung, sourceOfText(lines.slice(0, -15)))).toMatch(/The dump is cut off/)
    expect(refusalOf(tsung, sourceOfText(lines.replace(';get;127', ';127')))).toMatch(/line 2: .*The dump is damaged/)
    expect(refusalOf(tsung, sourceOfText(lines.replace(';tag', ';tags')))).toMatch(/expected the columns #date;pid/)
  })

  it('is asked for a folder for its logs', () => {
    expect(tsung.prepare({ program: 'tsung', args: ['-f', 't.xml', 'start'] }, target, '/tmp')).toMatchObject({
      args: ['-l', '/tmp/tsung', '-f', 't.xml', 'start'],
      files: ['/tmp/tsung'],
      readsStdout: false,
    })
    expect(tsung.prepare({ program: 'tsung', args: ['-l', 'mine', 'start'] }, target, '/tmp')).toMatchObject({
      files: ['mine'],
      added: [],
    })
  })
})
