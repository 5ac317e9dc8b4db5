import { describe, expect, it } from 'vitest'
import { jmeter } from '../../../../../calibration/audit/tools/jmeter.ts'
import { ledgerOfSample, refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:8081', host: '127.0.0.1', port: 8081 }
const sample = (file: string) => toolSample(`jmeter-5.6.3/${file}`)
const csv = () => sample('results.jtl').bytes.toString()

describe('jmeter', () => {
  it.each(['results.jtl', 'results.xml'])('counts in %s what the ledger has: requests, statuses and failures', file => {
    const { requests, statuses, failures, errors = {} } = jmeter.read([sample(file)]).total
    const ledger = ledgerOfSample(`jmeter-5.6.3/${file}`)
    const unanswered = Object.values(errors).reduce((sum, count) => sum + count, 0)
    expect({ requests, statuses, failures, unanswered }).toEqual({
      requests: ledger.arrivals,
      statuses: ledger.statuses,
      failures: ledger.statuses[404]! + ledger.statuses[503]! + ledger.unanswered,
      unanswered: ledger.unanswered,
    })
  })

  it('counts the heads of responses among its bytes, but not the text of its own errors', () => {
    const { receivedBytes = 0, requests, errors = {} } = jmeter.read([sample('results.jtl')]).total
    const { bytesOut } = ledgerOfSample('jmeter-5.6.3/results.jtl')
    const answered = requests - errors['java.net.SocketException']!
    expect((receivedBytes - bytesOut) / answered).toBeCloseTo(227, -1)
  })

  it('leaves transactions out, which are no requests', () => {
    const { rows, remarks } = jmeter.read([sample('results.jtl')])
    expect(rows.map(({ name, path }) => ({ name, path }))).toEqual([
      { name: 'list', path: 'http://127.0.0.1:18431/api/v1/products?limit=5' },
      { name: 'one, product', path: 'http://127.0.0.1:18431/api/v1/products/1' },
      { name: 'missing', path: 'http://127.0.0.1:18431/api/v1/products/99999999' },
    ])
    expect(remarks).toContain('26 lines are transactions, which are left out')
  })

  it('has the same counts in its dashboard as in its log, and percentiles within their interpolation', () => {
    const log = jmeter.read([sample('results.jtl')]).total
    const dashboard = jmeter.read([sample('statistics.json')])
    expect(dashboard.total).toMatchObject({ requests: log.requests, failures: log.failures })
    expect(dashboard.total.latency).toMatchObject({
      minMs: log.latency?.minMs,
      maxMs: log.latency?.maxMs,
      meanMs: expect.closeTo(log.latency!.meanMs!),
    })
    expect(dashboard.rows.map(({ name }) => name).sort()).toEqual(['list', 'missing', 'one, product', 'shop'])
  })

  it('reads a log before a dashboard of the same run', () => {
    expect(jmeter.read([sample('statistics.json'), sample('results.jtl')]).sources).toEqual(['results.jtl'])
  })

  it('reads only the outer one of samples within samples, as its CSV has them', () => {
    const text = sample('results.xml').bytes.toString()
    const outer =
      '<httpSample t="9" ts="1795949810990" s="true" lb="redirected &quot;a&lt;b&quot;" rc="200" by="9" sby="1">'
    const inner = '<httpSample t="4" ts="1795949810990" s="true" lb="hop" rc="302" by="4" sby="1">'
    const url = '<java.net.URL>http://127.0.0.1/a?b&amp;c</java.net.URL>'
    const nested = `${outer}\n${inner}\n${url.replace('/a', '/hop')}\n</httpSample>\n${url}\n</httpSample>\n</testResults>`
    const { rows } = jmeter.read([sourceOfText(text.replace('</testResults>', nested))])
    expect(rows.find(({ name }) => name.startsWith('redirected'))).toMatchObject({
      name: 'redirected "a<b"',
      path: 'http://127.0.0.1/a?b&c',
      requests: 1,
      statuses: { 200: 1 },
    })
    expect(rows.some(({ name }) => name === 'hop')).toBe(false)
  })

  it('is read with another separator', () => {
    const text = csv()
      .split('\n')
      .filter(line => !line.includes('"'))
      .join('\n')
    const expected = jmeter.read([sourceOfText(text)]).total
    expect(jmeter.read([sourceOfText(text.replaceAll(',', '\t'))]).total).toEqual(expected)
  })

  it('is refused with the line of a value that is none', () => {
    expect(refusalOf(jmeter, sourceOfText(csv().replace(/\n(\d+),\d+,/, '\n$1,fast,')))).toBe(
      'report: line 2: expected a number in elapsed, got "fast".',
    )
  })

  it('is refused with the property to set when its times are dates or columns are missing', () => {
    expect(refusalOf(jmeter, sourceOfText(csv().replace(/\n\d+,/, '\n2026/11/29 10:38:07.704,')))).toBe(
      'report: line 2: expected a number in timeStamp, got "2026/11/29 10:38:07.704". Set jmeter.save.saveservice.timestamp_format=ms.',
    )
    expect(refusalOf(jmeter, sourceOfText(csv().replace('responseCode', 'code')))).toBe(
      'report: expected the columns timeStamp, elapsed, label, responseCode, success, got none named responseCode. Let JMeter save them (jmeter.save.saveservice.…).',
    )
  })

  it('is refused when it is cut off within a line, a quote or an element', () => {
    const cut = (file: string, end: string) => {
      const text = sample(file).bytes.toString()
      return refusalOf(jmeter, sourceOfText(text.slice(0, text.lastIndexOf(end) + end.length)))
    }
    expect({
      line: cut('results.jtl', ',users'),
      quote: cut('results.jtl', '"Number'),
      element: cut('results.xml', '</httpSample>'),
    }).toEqual({
      line: expect.stringMatching(
        /^report: line 108: expected 17 values, one for each column, got 6\. The file is cut off/,
      ),
      quote: expect.stringMatching(/^report: line \d+: a quote is never closed\. The file is cut off or damaged/),
      element: expect.stringMatching(/^report: expected <\/testResults> at the end of JMeter's XML, got none/),
    })
  })

  it('is asked for a log that can be read, and told the target by properties', () => {
    const command = { program: 'java', args: ['-jar', 'bin/ApacheJMeter.jar', '-n', '-t', 'plan.jmx', '-Jport=1'] }
    expect(jmeter.prepare(command, target, '/audit')).toMatchObject({
      args: [
        '-jar',
        'bin/ApacheJMeter.jar',
        '-l',
        '/audit/jmeter.jtl',
        '-Jjmeter.save.saveservice.timestamp_format=ms',
        '-Jjmeter.save.saveservice.url=true',
        '-Jhost=127.0.0.1',
        ...command.args.slice(2),
      ],
      files: ['/audit/jmeter.jtl'],
    })
  })

  it('keeps its own log', () => {
    const { args, files } = jmeter.prepare({ program: 'jmeter', args: ['-n', '-l', 'mine.jtl'] }, target, '/audit')
    expect({ files, logs: args.filter(arg => arg === '-l') }).toEqual({ files: ['mine.jtl'], logs: ['-l'] })
  })
})
