import { describe, expect, it } from 'vitest'
import { accountFor } from '../../../../calibration/audit/accounting.ts'
import { matchNames } from '../../../../calibration/audit/names.ts'
import type { ToolReport } from '../../../../calibration/audit/tool-report.ts'
import { tools } from '../../../../calibration/audit/tools.ts'
import type { LedgerRecord } from '../../../../contract/ledger.ts'
import { account, ledgerSide } from '../sides.ts'

/** A run of ten requests at intervals of 100 ms, some of which ended otherwise. */
function run(endings: Record<number, Partial<LedgerRecord>>) {
  const records = Array.from({ length: 10 }, (_, ordinal): LedgerRecord => {
    const record = { ordinal, run: 'default', operation: 'products.get', status: 200, outcome: 'completed' } as const
    const times = { startedAt: 100 * ordinal, firstByteMs: 5, lastByteMs: 6, bytesIn: 0, bytesOut: 9 }
    return { ...record, ...times, late: false, stalled: false, ...endings[ordinal] }
  })
  const operations = [account('products.get', { arrivals: 10, method: 'GET' })]
  return { records, ledger: { ...ledgerSide(), operations } }
}

function accountOf(name: string, requests: number, endings: Record<number, Partial<LedgerRecord>>) {
  const { traits } = tools.find(tool => tool.name === name)!
  const row = { name: 'GET /api/v1/products/1', requests }
  const report: ToolReport = { tool: name, sources: [], rows: [row], total: { ...row, name: '' }, remarks: [] }
  const truth = run(endings)
  const { total, operations } = accountFor(truth, report, traits, matchNames(report, ['products.get']))
  expect(operations).toEqual([{ operation: 'products.get', ...total }])
  const { arrivals, tool, neverReceived, counted, rejected, inFlight, late, resent, missing } = total
  expect(counted + rejected + inFlight + late + resent + missing).toBe(arrivals)
  expect(counted + rejected + neverReceived).toBe(tool)
  return Object.fromEntries(Object.entries(total).filter(([, count]) => count !== 0))
}

const reset = { status: 0, outcome: 'cut' } as const

describe('accountFor', () => {
  it('counts a broken request and its repetition by the tool’s client as sent again', () => {
    expect(accountOf('vegeta', 8, { 2: reset, 4: reset })).toEqual({ arrivals: 10, tool: 8, counted: 8, resent: 2 })
  })

  it('misses broken requests that a tool without such a client leaves out', () => {
    expect(accountOf('jmeter', 8, { 2: reset, 4: reset })).toEqual({ arrivals: 10, tool: 8, counted: 8, missing: 2 })
  })

  it('has no more sent again than broke', () => {
    expect(accountOf('gatling', 7, { 2: reset })).toEqual({ arrivals: 10, tool: 7, counted: 7, resent: 1, missing: 2 })
  })

  it('does not take an answer that was cut short for one that was sent again', () => {
    const cut = { outcome: 'cut' } as const
    expect(accountOf('vegeta', 9, { 2: cut })).toEqual({ arrivals: 10, tool: 9, counted: 9, missing: 1 })
  })

  it('counts what the client broke off at the end as in flight', () => {
    const aborted = { status: 0, outcome: 'aborted' } as const
    expect(accountOf('locust', 9, { 9: aborted })).toEqual({ arrivals: 10, tool: 9, counted: 9, inFlight: 1 })
  })

  it('counts what the tool reports beyond the ledger as never received', () => {
    expect(accountOf('hey', 12, {})).toEqual({ arrivals: 10, tool: 12, counted: 10, neverReceived: 2 })
  })
})
