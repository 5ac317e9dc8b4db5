import { describe, expect, it } from 'vitest'
import { autocannon } from '../../../../../calibration/audit/tools/autocannon.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }
const sample = (file: string) => autocannon.read([toolSample(`autocannon-9.0.0/${file}`)])

describe('autocannon', () => {
  it.each(['clean.json', 'faults.json', 'rate.json'])(
    'counts all requests of %s but those in flight on its 10 connections at the end',
    file => {
      const { requests, statuses, errors } = sample(file).total
      const { arrivals, unanswered, ...ledger } = ledgerOfSample(`autocannon-9.0.0/${file}`)
      expect({ inFlight: arrivals - requests, unanswered: errors?.['error'] ?? 0 }).toEqual({
        inFlight: 10,
        unanswered: unanswered - ledger.aborted,
      })
      // In a clean run, the target had answered what was in flight.
      const answered = file === 'clean.json' ? { 200: ledger.statuses[200]! - 10 } : ledger.statuses
      expect(statuses).toEqual(answered)
    },
  )

  it('counts responses other than 2xx and errors as failures', () => {
    expect(sample('faults.json').total).toMatchObject({ failures: 12 + 45, errors: { error: 12 } })
  })

  it('counts the heads of responses among its bytes', () => {
    const { receivedBytes = 0, requests } = sample('faults.json').total
    const { bytesOut } = ledgerOfSample('autocannon-9.0.0/faults.json')
    expect((receivedBytes - bytesOut) / requests).toBeGreaterThan(100)
  })

  it('has percentiles by their names, in order', () => {
    const { percentiles = [], ...latency } = sample('faults.json').total.latency ?? {}
    expect(latency).toEqual({ meanMs: 76.11, minMs: 8, maxMs: 285 })
    expect(percentiles.filter(({ percentile }) => [2.5, 50, 99.9].includes(percentile))).toEqual([
      { percentile: 2.5, valueMs: 17 },
      { percentile: 50, valueMs: 68 },
      { percentile: 99.9, valueMs: 279 },
    ])
    expect(percentiles.map(({ percentile }) => percentile)).toEqual(
      percentiles.map(({ percentile }) => percentile).toSorted((a, b) => a - b),
    )
  })

  it('counts from when requests were due if it was given a rate, and only then', () => {
    expect({ rate: sample('rate.json').traits, faults: sample('faults.json').traits }).toEqual({
      rate: { clock: 'due' },
      faults: undefined,
    })
    expect(sample('rate.json').remarks).toContain(
      'latency has 45337 samples of 489 responses: it is corrected for omission',
    )
  })

  it('says that its minimum leaves out times of 0', () => {
    expect(sample('clean.json').remarks).toEqual(['the minimum leaves out times below 1 ms'])
  })

  it('has the path of its URL as its only row', () => {
    expect(sample('faults.json').rows.map(({ name, path }) => ({ name, path }))).toEqual([
      { name: 'http://127.0.0.1:18431/api/v1/products', path: '/api/v1/products' },
    ])
  })

  it('has no row for a URL without a path, which may stand for many', () => {
    const text = toolSample('autocannon-9.0.0/faults.json').bytes.toString().replace('/api/v1/products', '')
    expect(autocannon.read([sourceOfText(text)]).rows).toEqual([])
  })

  it('is refused with the place of a number that is none', () => {
    const text = toolSample('autocannon-9.0.0/faults.json').bytes.toString().replace('"errors":12', '"errors":"12"')
    expect(refusalOf(autocannon, sourceOfText(text))).toBe(
      'report: expected the JSON of autocannon (--json), but at errors expected an integer, got "12". It may be of another tool or version.',
    )
  })

  it('is asked for JSON behind its own name, unless it is already', () => {
    const args = ['autocannon', '-c', '5', '-d', '3', 'http://127.0.0.1:1/']
    const { args: prepared, requested } = autocannon.prepare({ program: 'npx', args }, target, '/audit')
    expect(prepared).toEqual(['autocannon', '--json', ...args.slice(1)])
    expect(requested).toEqual({ users: 5, durationMs: 3000 })
    expect(autocannon.prepare({ program: 'autocannon', args: ['-j', 'url'] }, target, '/audit')).toMatchObject({
      args: ['-j', 'url'],
      added: [],
      readsStdout: true,
    })
  })

  it('is asked for the overall rate, or for that of all its connections', () => {
    const requestedBy = (...args: string[]) =>
      autocannon.prepare({ program: 'autocannon', args }, target, '/a').requested
    expect({ overall: requestedBy('-R', '200'), each: requestedBy('-r', '20', '-R', '7') }).toEqual({
      overall: { ratePerSecond: 200 },
      each: { ratePerSecond: 200 },
    })
    expect(requestedBy('-a', '50', '-d', '9')).toEqual({ requests: 50 })
  })
})
