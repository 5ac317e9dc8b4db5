import { describe, expect, it } from 'vitest'
import type { AccountRow } from '../../../../calibration/audit/audit-result.ts'
import { accountFor } from '../../../../calibration/audit/accounting.ts'
import { ab } from '../../../../calibration/audit/tools/ab.ts'
import { bombardier } from '../../../../calibration/audit/tools/bombardier.ts'
import { fortio } from '../../../../calibration/audit/tools/fortio.ts'
import { hey } from '../../../../calibration/audit/tools/hey.ts'
import { jmeter } from '../../../../calibration/audit/tools/jmeter.ts'
import type { ToolReport, ToolTraits } from '../../../../calibration/audit/tool-report.ts'
import type { Truth } from '../../../../calibration/audit/truth.ts'
import type { LedgerReport } from '../../../../contract/ledger.ts'
import type { LedgerRecord } from '../../../../contract/ledger-record.ts'
import { Histogram } from '../../../../core/histogram.ts'

/** Requests of 1 ms, 10 ms apart, so that never two are under way; by the ordinals of their connections. */
function truthOf(connections: readonly number[]): Truth {
  const records = connections.map((connection, index): LedgerRecord => {
    const details = { connection, method: 'GET', url: '/api/v1/products' }
    return {
      ordinal: index,
      run: 'default',
      operation: 'products.list',
      status: 200,
      outcome: 'completed',
      startedAt: 10 * index,
      firstByteMs: 1,
      lastByteMs: 1,
      bytesIn: 0,
      bytesOut: 10,
      late: false,
      stalled: false,
      details,
    }
  })
  const account = {
    operation: 'products.list',
    arrivals: connections.length,
    aborted: 0,
    cut: 0,
    unanswered: 0,
    statuses: { 200: connections.length },
    bytesIn: 0,
    bytesOut: 10 * connections.length,
    lastByte: new Histogram().toJSON(),
  }
  return {
    ledger: { operations: [account], records: { kept: connections.length, notKept: 0 } } as unknown as LedgerReport,
    records,
  }
}

/** The same requests, of which the server reset these before a response. */
function withBroken(truth: Truth, ordinals: readonly number[]): Truth {
  const records = truth.records.map(record =>
    ordinals.includes(record.ordinal) ? { ...record, status: 0, outcome: 'cut' as const } : record,
  )
  return { ...truth, records }
}

/** Returns the classes, which add up to the arrivals and, where the tool knows them, to its own number. */
function accountOf(truth: Truth, requests: number, traits: ToolTraits, users?: number): AccountRow {
  const report: ToolReport = { tool: 'x', sources: [], rows: [], total: { name: '', requests }, remarks: [] }
  const { total } = accountFor(truth, report, traits, { operations: [], unmatched: [], uncounted: [] }, users)
  const { counted, rejected, inFlight, late, resent, warmUp, missing, neverReceived } = total
  expect(counted + rejected + inFlight + late + resent + warmUp + missing).toBe(truth.records.length)
  expect(counted + rejected + neverReceived).toBe(requests)
  return total
}

function classesOf(truth: Truth, requests: number, traits: ToolTraits, users?: number) {
  const { counted, inFlight, warmUp, missing } = accountOf(truth, requests, traits, users)
  return { counted, inFlight, warmUp, missing }
}

describe('accountFor', () => {
  const four = truthOf([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])

  it('knows as many requests in flight at the end as connections are reused, however fast the target is', () => {
    expect(classesOf(four, 8, ab.traits)).toEqual({ counted: 8, inFlight: 4, warmUp: 0, missing: 0 })
    expect(classesOf(four, 7, ab.traits)).toEqual({ counted: 7, inFlight: 4, warmUp: 0, missing: 1 })
  })

  it('knows as many requests in flight at the end as users were asked for, where each has a new connection', () => {
    const single = truthOf([1, 2, 3, 4, 5, 6, 7, 8])
    expect(classesOf(single, 4, ab.traits)).toEqual({ counted: 4, inFlight: 1, warmUp: 0, missing: 3 })
    expect(classesOf(single, 4, ab.traits, 4)).toEqual({ counted: 4, inFlight: 4, warmUp: 0, missing: 0 })
  })

  it('knows the first request on each connection of a tool that warms up', () => {
    expect(classesOf(four, 8, fortio.traits)).toEqual({ counted: 8, inFlight: 0, warmUp: 4, missing: 0 })
    expect(classesOf(four, 6, fortio.traits)).toEqual({ counted: 6, inFlight: 0, warmUp: 4, missing: 2 })
  })

  it('misses all that a tool does not count which waits for its last response', () => {
    expect(classesOf(four, 8, hey.traits, 4)).toEqual({ counted: 8, inFlight: 0, warmUp: 0, missing: 4 })
  })

  it('counts a broken request and its repetition by the tool’s own client once, and no more than broke', () => {
    const broken = withBroken(four, [2, 4])
    const { counted, resent, missing } = accountOf(broken, 9, hey.traits)
    expect({ counted, resent, missing }).toEqual({ counted: 9, resent: 2, missing: 1 })
    expect(accountOf(broken, 9, jmeter.traits)).toMatchObject({ resent: 0, missing: 3 })
  })

  it('counts a request that the tool’s client gave up, and sent again, once', () => {
    const records = four.records.map(record => ({
      ...record,
      startedAt: 1000 * record.ordinal,
      ...([2, 4].includes(record.ordinal) && { status: 0, outcome: 'aborted' as const }),
    }))
    expect(accountOf({ ...four, records }, 10, bombardier.traits)).toMatchObject({ resent: 2, missing: 0 })
    expect(accountOf({ ...four, records }, 10, hey.traits)).toMatchObject({ resent: 0, missing: 2 })
  })

  it('does not take an answer that was cut short for a request that was sent again', () => {
    const cut = { ...four, records: four.records.map(record => ({ ...record, outcome: 'cut' as const })) }
    expect(accountOf(cut, 11, hey.traits)).toMatchObject({ resent: 0, missing: 1 })
  })
})
