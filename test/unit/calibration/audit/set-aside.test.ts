import { describe, expect, it } from 'vitest'
import { matchNames } from '../../../../calibration/audit/names.ts'
import { setAside } from '../../../../calibration/audit/set-aside.ts'
import type { ToolReport, ToolRow } from '../../../../calibration/audit/tool-report.ts'
import { BEGAN_AT, recordOf, recordsOf, truthOf } from '../../../support/audited-run.ts'

const records = [
  ...recordsOf(10),
  recordOf({ operation: 'sockets.chat', status: 101, startedAt: 0, lastByteMs: 60_000 }),
  recordOf({ operation: 'streams.read', startedAt: 0, lastByteMs: 60_000 }),
]

function asideFrom(rows: ToolRow[], requests: number) {
  const report: ToolReport = { tool: 'any', sources: [], rows, total: { name: '', requests }, remarks: [] }
  return setAside(truthOf(records), report, matchNames(report, []))
}

describe('setAside', () => {
  const plain = { name: 'GET /api/v1/products/7', requests: 10 }

  it('sets streams and sockets aside that the tool does not count', () => {
    const { truth, setAside } = asideFrom([plain], 10)
    expect(setAside).toEqual([
      { operation: 'sockets.chat', arrivals: 1, reason: expect.any(String) },
      { operation: 'streams.read', arrivals: 1, reason: expect.any(String) },
    ])
    expect(truth.ledger.operations.map(({ operation }) => operation)).toEqual(['products.get'])
    expect(truth.records).toHaveLength(10)
  })

  it('ends the run with the last request that is compared', () => {
    expect(asideFrom([plain], 10).truth.ledger.lastAt).toBe(BEGAN_AT + 905)
  })

  it('keeps those that the tool has a name for', () => {
    const { setAside } = asideFrom([plain, { name: 'GET /ws/chat', requests: 1 }], 11)
    expect(setAside.map(({ operation }) => operation)).toEqual(['streams.read'])
  })

  it('keeps them all when the tool counts more than the plain requests', () => {
    expect(asideFrom([], 12).setAside).toEqual([])
  })

  it('keeps a ledger of plain requests as it is', () => {
    const report: ToolReport = { tool: 'any', sources: [], rows: [], total: { name: '', requests: 2 }, remarks: [] }
    const truth = truthOf(recordsOf(2))
    expect(setAside(truth, report, matchNames(report, [])).truth).toBe(truth)
  })
})
