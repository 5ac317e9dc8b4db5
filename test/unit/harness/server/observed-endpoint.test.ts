import { describe, expect, it } from 'vitest'
import { observedEndpoint, parseObserveFlag } from '../../../../harness/server/observed-endpoint.ts'

describe('parseObserveFlag', () => {
  it('reads the URL and the series behind its #', () => {
    const endpoint = parseObserveFlag('prometheus=http://10.0.0.7:9100/metrics?collect=cpu#node_load1,x{a="#1"}')
    expect(endpoint.address.origin).toBe('http://10.0.0.7:9100')
    expect(endpoint.path).toBe('/metrics?collect=cpu')
    expect(endpoint.selectors.map(({ source }) => source)).toEqual(['node_load1', 'x{a="#1"}'])
  })

  it('takes the usual series if none are chosen', () => {
    const { selectors, isChosen, flag } = parseObserveFlag('prometheus=http://h/metrics')
    expect(isChosen).toBe(false)
    expect(selectors.map(({ source }) => source)).toContain('process_cpu_seconds_total')
    expect(flag).toBe('prometheus=http://h/metrics')
  })

  it('shows neither credentials nor the values of the query, and still sends them', () => {
    const { place, flag, address, path } = parseObserveFlag('prometheus=http://ada:s3cret@h/metrics?token=t0ken#up')
    expect(`${place} ${flag}`).toBe('http://***@h/metrics?… prometheus=http://***@h/metrics?…#up')
    expect(address.authorization).toBe(`Basic ${Buffer.from('ada:s3cret').toString('base64')}`)
    expect(path).toContain('t0ken')
  })

  it.each([
    ['http://ada:s3cret@h/metrics', 'expected prometheus=<url of its metrics>, got "http://***@h/metrics"'],
    ['http://ada:s3cret@h/metrics?a=b', 'expected prometheus=<url of its metrics>, got "http://***@h/metrics?a=…"'],
    ['prometheus=http://ada:p#s3cret@h/metrics', 'write a # in a password as %23'],
    ['statsd=udp://h', 'expected prometheus=<url of its metrics>, got "statsd=…"'],
    ['prometheus=h:9100', 'expected the URL of metrics such as http://127.0.0.1:9100/metrics, got "h:9100"'],
    ['prometheus=ftp://ada:s3cret@h/', 'got "ftp://***@h/"'],
    ['prometheus=http://h/metrics#9', 'expected the name of a series'],
    ['prometheus=', 'expected the URL of metrics'],
  ])('refuses %s without showing secrets', (text, message) => {
    expect(() => parseObserveFlag(text)).toThrow(message)
    expect(() => parseObserveFlag(text)).not.toThrow(/s3cret/)
  })
})

describe('observedEndpoint', () => {
  it('is the same as the flag with the same URL and series', () => {
    const { flag } = observedEndpoint('http://h/metrics', ['up', 'node_*'])
    expect(flag).toBe('prometheus=http://h/metrics#up,node_*')
  })
})
