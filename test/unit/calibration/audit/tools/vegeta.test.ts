import { describe, expect, it } from 'vitest'
import { vegeta } from '../../../../../calibration/audit/tools/vegeta.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }
const FILES = ['results.bin', 'results.csv', 'results.json', 'report.json']
const sample = (file: string) => toolSample(`vegeta-12.13.0/${file}`)

describe('vegeta', () => {
  it.each(FILES)('counts in %s what the ledger has, but a GET that was sent again as one', file => {
    const { requests, statuses, errors = {}, sentBytes } = vegeta.read([sample(file)]).total
    const { arrivals, unanswered, statuses: answered } = ledgerOfSample(`vegeta-12.13.0/${file}`)
    const sentAgain = 1
    expect({ requests, statuses, unanswered: Object.values(errors), sentBytes }).toEqual({
      requests: arrivals - sentAgain,
      statuses: answered,
      unanswered: [unanswered - sentAgain],
      sentBytes: 1062,
    })
  })

  it('reads the same from each encoding of its results', () => {
    const totals = FILES.slice(0, 3).map(file => vegeta.read([sample(file)]).total)
    expect(totals[1]).toEqual(totals[0])
    expect(totals[2]).toEqual(totals[0])
  })

  it('reads when each request began', () => {
    const [bin, csv, json] = FILES.slice(0, 3).map(file => vegeta.read([sample(file)]).samples?.[0])
    expect(bin).toEqual({
      name: 'GET http://127.0.0.1:18431/api/v1/products?limit=5',
      startedAt: expect.closeTo(1795949631186.3557, 2),
      elapsedMs: 27.35241,
      status: 200,
      failed: false,
    })
    expect([csv?.startedAt, json?.startedAt]).toEqual([
      expect.closeTo(bin!.startedAt, 2),
      expect.closeTo(bin!.startedAt, -1),
    ])
  })

  it('tells requests apart by method and URL', () => {
    const { rows } = vegeta.read([sample('results.bin')])
    expect(rows.map(({ name, method, path, requests }) => ({ name, method, path, requests }))).toEqual(
      ['GET /api/v1/products?limit=5', 'POST /api/v1/auth/login'].map(line => {
        const [method, path] = line.split(' ')
        const url = `http://127.0.0.1:18431${path}`
        return { name: `${method} ${url}`, method, path: url, requests: 20 }
      }),
    )
  })

  it('leaves the port of a connection out of its errors', () => {
    const error =
      'Post "http://127.0.0.1:18431/api/v1/auth/login": read tcp 127.0.0.1:18431: read: connection reset by peer'
    expect(vegeta.read([sample('results.bin')]).total.errors).toEqual({ [error]: 2 })
  })

  it('has no bytes received when it read no bodies', () => {
    const { total, rows, remarks } = vegeta.read([sample('results.bin')])
    expect([total, ...rows].map(({ receivedBytes }) => receivedBytes)).toEqual([undefined, undefined, undefined])
    expect(remarks).toContain('it read no bodies (-max-body 0), so that it counts no bytes')
  })

  it('has estimated percentiles in its report and exact ones in its results', () => {
    expect(vegeta.read([sample('report.json')])).toMatchObject({
      durationMs: expect.closeTo(1080, -2),
      total: { latency: { minMs: 15.572776, maxMs: 200.361824 } },
      traits: { percentiles: 'histogram' },
    })
    expect(vegeta.read([sample('results.bin')]).traits).toBeUndefined()
  })

  it('is refused with the number of results before the damage', () => {
    const { name, bytes } = sample('results.bin')
    expect(refusalOf(vegeta, { name, bytes: bytes.subarray(0, bytes.length - 5) })).toBe(
      'results.bin: expected results of vegeta attack, but after 39 of them it ends in the middle of a value. Let the attack end by itself, or convert what can be read with vegeta encode.',
    )
  })

  it('is refused with the line of a result that is none', () => {
    const damaged = (file: string, from: string, to: string) =>
      refusalOf(vegeta, sourceOfText(sample(file).bytes.toString().replace(from, to)))
    expect(damaged('results.csv', '\n1', '\nx')).toMatch(/^report: line 2: expected the 12 columns of vegeta encode/)
    expect(damaged('results.json', '"seq":1,"code":200', '"seq":1,"code":"OK"')).toBe(
      'report: line 2: expected a result as vegeta encode writes it, but at code expected an integer, got "OK". It may be of another tool or version.',
    )
  })

  it('is told to write its results to a file, because they are binary', () => {
    const args = ['attack', '-rate', '100/1s', '-duration=5s', '-targets', 'targets.txt']
    expect(vegeta.prepare({ program: 'vegeta', args }, target, '/audit')).toMatchObject({
      args: ['attack', '-output', '/audit/vegeta.bin', ...args.slice(1)],
      files: ['/audit/vegeta.bin'],
      readsStdout: false,
      requested: { ratePerSecond: 100, durationMs: 5000 },
    })
  })

  it('keeps its own file, but not its own terminal', () => {
    const prepared = (...args: string[]) => vegeta.prepare({ program: 'vegeta', args }, target, '/audit')
    expect(prepared('attack', '-output=mine.bin')).toMatchObject({
      args: ['attack', '-output=mine.bin'],
      files: ['mine.bin'],
    })
    expect(prepared('attack', '-output', 'stdout', '-rate', '3000/m')).toMatchObject({
      args: ['attack', '-output', '/audit/vegeta.bin', '-rate', '3000/m'],
      requested: { ratePerSecond: 50 },
    })
  })
})
