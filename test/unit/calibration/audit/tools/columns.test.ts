import { describe, expect, it } from 'vitest'
import { columnsTool } from '../../../../../calibration/audit/tools/columns.ts'
import { refusalOf, sourceOfText, toolSample } from '../../../../support/tool-samples.ts'

const mapping = 'name=label,elapsedMs=elapsed,status=code,startedAt=ts:s,failed=success:false'
const csv = [
  'label,elapsed,code,ts,success',
  '"GET /a, b",12.5,200,1795948420.25,true',
  'POST /c,40,503,1795948421,False',
  'POST /c,3,,1795948421.5,false',
].join('\n')

describe('a mapping of columns', () => {
  const tool = columnsTool(mapping)

  it('reads CSV with one row a request', () => {
    const report = tool.read([sourceOfText(csv, 'log.csv')])
    expect(report).toMatchObject({
      tool: 'columns',
      sources: ['log.csv'],
      startedAt: 1795948420250,
      endedAt: 1795948421503,
    })
    expect(
      report.rows.map(({ name, requests, failures, statuses }) => ({ name, requests, failures, statuses })),
    ).toEqual([
      { name: 'GET /a, b', requests: 1, failures: 0, statuses: { 200: 1 } },
      { name: 'POST /c', requests: 2, failures: 2, statuses: { 503: 1 } },
    ])
    expect(report.samples?.at(-1)).toEqual({
      name: 'POST /c',
      startedAt: 1795948421500,
      elapsedMs: 3,
      status: 0,
      failed: true,
    })
    expect(report.total.latency).toMatchObject({ minMs: 3, maxMs: 40 })
  })

  it('reads CSV as a spreadsheet of other countries saves it', () => {
    const text = csv.replaceAll('"GET /a, b"', 'GET /a').replaceAll(',', ';').replaceAll('\n', '\r\n')
    expect(tool.read([sourceOfText(`\ufeff${text}`)]).total.requests).toBe(3)
  })

  it.each([
    ['a JSON array', (rows: object[]) => JSON.stringify(rows, null, 2)],
    ['JSON lines', (rows: object[]) => rows.map(row => JSON.stringify(row)).join('\n')],
  ])('reads %s, also nested objects by path', (_name, write) => {
    const rows = [
      { request: { method: 'GET', url: '/a' }, timings: { total: 1500 }, status: 200, at: '2026-11-29T10:00:00.000Z' },
      { request: { method: 'GET', url: '/a' }, timings: { total: 2500 }, status: 404, at: '2026-11-29T10:00:01.000Z' },
    ]
    const nested = columnsTool(
      'method=request.method,path=request.url,elapsed=timings.total:us,status=status,startedAt=at:iso',
    )
    const { rows: read, startedAt } = nested.read([sourceOfText(write(rows))])
    expect(startedAt).toBe(Date.parse('2026-11-29T10:00:00.000Z'))
    expect(read).toMatchObject([
      { name: 'GET /a', method: 'GET', path: '/a', requests: 2, failures: 1, latency: { minMs: 1.5, maxMs: 2.5 } },
    ])
  })

  it('has no samples where rows have no time', () => {
    const { samples, total } = columnsTool('elapsed=elapsed:ms').read([sourceOfText(csv)])
    expect({ samples, requests: total.requests }).toEqual({ samples: undefined, requests: 3 })
  })

  it('counts no failures where no column tells them, and those with an error where only that does', () => {
    const untold = columnsTool('name=label,elapsed=elapsed:ms').read([sourceOfText(csv)])
    for (const row of [untold.total, ...untold.rows]) expect(row).not.toHaveProperty('failures')
    const log = 'took,problem\n1,\n2,timeout\n'
    expect(columnsTool('elapsed=took:ms,error=problem').read([sourceOfText(log)]).total).toMatchObject({ failures: 1 })
  })

  it('reads the log of a tool that has a reader of its own to the same numbers', () => {
    const hey = columnsTool('elapsed=response-time:s,status=status-code')
    expect(hey.read([toolSample('hey-0.1.5/responses.csv')]).total).toMatchObject({ requests: 48, failures: 5 })
  })

  it.each([
    ['an empty file', '', /expected CSV, a JSON array or JSON lines/],
    ['a file without rows', 'label,elapsed,code,ts,success\n', /got no row/],
    [
      'a file without the column',
      csv.replace('elapsed', 'elapsd'),
      /"elapsed" for elapsed, got label, elapsd.*Did you mean elapsd\?/,
    ],
    ['a time with a unit', csv.replace('12.5', '12.5ms'), /row 1: expected a number .* in elapsed, got "12.5ms"/],
    ['a time with a decimal comma', csv.replace('12.5', '"12,5"'), /row 1: expected a number with a decimal point/],
    [
      'a negative time',
      csv.replace('12.5', '-12.5'),
      /row 1: expected a time of at most a day in elapsed, got -12.5 ms/,
    ],
    [
      'a moment in another unit',
      csv.replace('1795948420.25', '1795948420250'),
      /row 1: .* between 2000 and 2100 in ts.*startedAt=ts:s/,
    ],
    ['a status that is none', csv.replace('503', '50300'), /row 2: expected a status code of three digits, got 50300/],
    ['a value too few', csv.replace(',True', '').replace(',False', ''), /line 3: expected 5 values/],
    ['JSON that is cut off', '[{"elapsed": 1}, {"elap', /line 1: .*The file may be cut off/],
    [
      'JSON lines of which the last is cut off',
      '{"elapsed":1,"ts":1795948420}\n{"elapse',
      /line 2: .*The file may be cut off/,
    ],
    ['JSON without objects', '[1, 2]', /row 1: expected an object with the columns of a request, got 1/],
  ])('refuses %s', (_name, text, message) => {
    expect(refusalOf(tool, sourceOfText(text))).toMatch(message)
  })

  it('refuses CSV that is too large to be read as a whole, and says what may be longer', () => {
    const source = { name: 'x.csv', bytes: Buffer.alloc(65 * 2 ** 20, 'a') }
    expect(refusalOf(tool, source)).toMatch(
      /^x.csv: expected at most 64 MiB of CSV .* got 65 MiB. Turn it into JSON lines/,
    )
  })
})
