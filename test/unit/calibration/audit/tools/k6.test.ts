import { describe, expect, it } from 'vitest'
import { k6 } from '../../../../../calibration/audit/tools/k6.ts'
import { refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const target = { url: 'http://127.0.0.1:1', host: '127.0.0.1', port: 1 }
const exported = toolSample('k6-documented/summary-export.json')
const handled = toolSample('k6-documented/handle-summary.json')
const points = toolSample('k6-documented/points.json')

describe('k6', () => {
  it('is read from --summary-export, with a row for each name that has a threshold', () => {
    expect(k6.read([exported])).toEqual({
      tool: 'k6',
      sources: ['summary-export.json'],
      rows: [
        {
          name: 'login',
          requests: 20,
          requestsPerSecond: 0.485487,
          latency: {
            meanMs: 120.5,
            minMs: 110.2,
            maxMs: 150.2,
            percentiles: [
              { percentile: 50, valueMs: 118.4 },
              { percentile: 90, valueMs: 140.1 },
              { percentile: 95, valueMs: 145.2 },
            ],
          },
        },
      ],
      total: {
        name: '',
        requests: 180,
        failures: 9,
        requestsPerSecond: 4.36938,
        receivedBytes: 1305432,
        sentBytes: 82440,
        latency: {
          meanMs: 144.56,
          minMs: 104.11,
          maxMs: 1140.2,
          percentiles: [
            { percentile: 50, valueMs: 110.47 },
            { percentile: 90, valueMs: 203.54 },
            { percentile: 95, valueMs: 215.95 },
          ],
        },
      },
      failedChecks: { 'status is 200': 9 },
      remarks: ['bytes are those of all connections, WebSockets included'],
    })
  })

  it('is read from the data of handleSummary(), whose times are ms whatever unit is shown', () => {
    const { durationMs, total } = k6.read([handled])
    expect(durationMs).toBe(30898.965069)
    expect(total).toMatchObject({ requests: 40, failures: 4 })
    expect(total.latency?.percentiles).toEqual([
      { percentile: 50, valueMs: 222.4 },
      { percentile: 90, valueMs: 421.1 },
      { percentile: 99.9, valueMs: 845.9 },
    ])
  })

  it('tells failed checks of all groups, and failed thresholds, in both forms of its summary', () => {
    const check = (name: string, fails: number) => ({ name, path: `::${name}`, id: 'a', passes: 5, fails })
    const data = JSON.parse(handled.bytes.toString()) as { root_group: object; metrics: Record<string, object> }
    data.root_group = {
      name: '',
      checks: [check('is mine', 2), check('is whole', 0)],
      groups: [{ name: 'order', checks: [check('is mine', 1), check('is placed', 4)], groups: [] }],
    }
    data.metrics['checks'] = { type: 'rate', values: { rate: 0.5 }, thresholds: { 'rate==1': { ok: false } } }
    expect(k6.read([sourceOfText(JSON.stringify(data))])).toMatchObject({
      failedChecks: { 'is mine': 3, 'is placed': 4 },
      failedThresholds: ['checks: rate==1'],
    })
    // Here true stands for a threshold that failed.
    const text = exported.bytes.toString().replace('"rate<0.1": false', '"rate<0.1": true')
    expect(k6.read([sourceOfText(text)]).failedThresholds).toEqual(['http_req_failed: rate<0.1'])
  })

  it('tells failed checks by its JSON lines', () => {
    const line = (value: number, name: string) =>
      JSON.stringify({
        metric: 'checks',
        type: 'Point',
        data: { time: '2026-05-09T12:34:46Z', value, tags: { check: name, group: '' } },
      })
    const text = [points.bytes.toString().trimEnd(), line(1, 'is mine'), line(0, 'is mine'), line(0, 'is mine')]
    const { failedChecks, total } = k6.read([sourceOfText(`${text.join('\n')}\n`)])
    expect({ failedChecks, requests: total.requests }).toEqual({ failedChecks: { 'is mine': 2 }, requests: 4 })
  })

  it('is read from its JSON lines by name, in either order of their members', () => {
    const { rows, total, samples } = k6.read([points])
    expect(
      rows.map(({ name, method, path, requests, failures }) => ({ name, method, path, requests, failures })),
    ).toEqual([
      {
        name: 'http://127.0.0.1:8080/api/v1/products',
        method: 'GET',
        path: 'http://127.0.0.1:8080/api/v1/products',
        requests: 2,
        failures: 1,
      },
      { name: 'log in', method: 'POST', path: 'http://127.0.0.1:8080/api/v1/auth/login', requests: 2, failures: 1 },
    ])
    expect(total).toMatchObject({
      requests: 4,
      failures: 2,
      statuses: { 200: 2, 503: 1 },
      errors: { 'dial: connection refused': 1 },
    })
    expect(samples?.[0]).toEqual({
      name: 'http://127.0.0.1:8080/api/v1/products',
      startedAt: expect.closeTo(Date.parse('2026-05-09T12:34:45.239Z') - 59.865729, 2) as number,
      elapsedMs: 59.865729,
      status: 200,
      failed: false,
    })
  })

  it('takes its totals from the summary and its rows from the lines where it has both', () => {
    const { sources, rows, total } = k6.read([points, exported])
    expect({ sources, rows: rows.length, requests: total.requests, statuses: total.statuses }).toEqual({
      sources: ['summary-export.json', 'points.json'],
      rows: 2,
      requests: 180,
      statuses: { 200: 2, 503: 1 },
    })
  })

  it('is refused when a script sent no request', () => {
    const text = exported.bytes.toString().replaceAll('"http_req', '"grpc_req')
    expect(refusalOf(k6, sourceOfText(text))).toMatch(/expected the metric http_reqs .*The script sent no HTTP request/)
    const lines = points.bytes.toString().replaceAll('http_req_duration', 'ws_session_duration')
    expect(refusalOf(k6, sourceOfText(lines))).toMatch(/expected points of http_req_duration .*there are none/)
  })

  it('is refused when a line is cut off or has another shape', () => {
    const lines = points.bytes.toString().split('\n')
    const upTo = (count: number, last: string) =>
      sourceOfText([...lines.slice(0, count), last].join('\n'), 'points.json')
    expect(refusalOf(k6, upTo(5, lines[5]!.slice(0, 150)))).toMatch(/^points.json: line 6: .* ends in the middle/)
    expect(refusalOf(k6, upTo(6, lines[6]!.slice(0, -3)))).toMatch(/^points.json: line 7: .* ends in the middle/)
    expect(refusalOf(k6, upTo(6, lines[6]!.replace('41.25', '"41.25"')))).toMatch(
      /^points.json: line 7: .* at data.value expected/,
    )
    expect(refusalOf(k6, upTo(6, lines[6]!.replace('2026-05-09T', 'T')))).toMatch(/line 7: expected a time as RFC 3339/)
  })

  it('is asked for both behind its command, and keeps files that the command names', () => {
    const args = ['run', '--vus', '10', '--duration', '30s', 'script.js']
    expect(k6.prepare({ program: 'k6', args }, target, '/tmp')).toMatchObject({
      args: ['run', '--summary-export', '/tmp/k6-summary.json', '--out', 'json=/tmp/k6-points.json', ...args.slice(1)],
      files: ['/tmp/k6-summary.json', '/tmp/k6-points.json'],
      requested: { users: 10, durationMs: 30_000 },
    })
    const named = ['run', '--summary-export=a.json', '--out', 'json=b.json', 'script.js']
    expect(k6.prepare({ program: 'k6', args: named }, target, '/tmp')).toMatchObject({
      args: named,
      added: [],
      files: ['a.json', 'b.json'],
    })
  })
})
