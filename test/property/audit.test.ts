import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountFor } from '../../calibration/audit/accounting.ts'
import { auditOf } from '../../calibration/audit/audit.ts'
import { matchNames } from '../../calibration/audit/names.ts'
import type { ToolReport, ToolTraits } from '../../calibration/audit/tool-report.ts'
import { isFollowed } from '../../calibration/audit/truth.ts'
import { tools } from '../../calibration/audit/tools.ts'
import type { AccountRow } from '../../calibration/audit/audit-result.ts'
import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { detailedRecordOf, endOf, honestReport, recordOf, truthOf } from '../support/audited-run.ts'

const operations = [
  'products.get',
  'products.list',
  'tasks.create',
  'streams.read',
  'sockets.chat',
  'unmatched',
] as const

const request = fc.record({
  operation: fc.constantFrom(...operations),
  status: fc.constantFrom(200, 201, 302, 401, 404, 429, 500, 503),
  startedAt: fc.integer({ min: 0, max: 60_000 }),
  lastByteMs: fc.double({ min: 0.1, max: 5000, noNaN: true }),
  bytesOut: fc.integer({ min: 0, max: 100_000 }),
  outcome: fc.constantFrom('completed', 'completed', 'completed', 'aborted', 'cut'),
  isAnswered: fc.boolean(),
  connection: fc.integer({ min: 1, max: 8 }),
  isDetailed: fc.boolean(),
})

const records = fc.array(request, { maxLength: 60 }).map(all =>
  all.map(({ isAnswered, connection, isDetailed, ...facts }): LedgerRecord => {
    const status = facts.outcome === 'completed' || isAnswered ? facts.status : 0
    const record = { ...facts, status, bytesOut: status === 0 ? 0 : facts.bytesOut }
    const refused = status === 401 ? { problem: 'invalid_token' } : {}
    return isDetailed ? detailedRecordOf(record, { connection, ...refused }) : recordOf(record)
  }),
)

const traits = fc.constantFrom(...tools.map(tool => tool.traits))

const counts = fc.array(
  fc.record({
    name: fc.constantFrom(
      'GET /api/v1/products/7',
      'GET /api/v1/products',
      '/api/v1/tasks',
      'POST /api/v1/tasks',
      'GET /ws/chat',
      'GET /nowhere',
      'GET /metrics',
      'Checkout',
    ),
    requests: fc.integer({ min: 0, max: 80 }),
  }),
  { maxLength: 6 },
)

const anyReport = fc.record({ rows: counts, requests: fc.integer({ min: 0, max: 200 }) }).map(
  ({ rows, requests }): ToolReport => ({
    tool: 'any',
    sources: [],
    rows,
    total: { name: '', requests },
    remarks: [],
  }),
)

function expectSums(row: AccountRow): void {
  const { arrivals, tool, counted, rejected, inFlight, late, resent, warmUp, missing, neverReceived } = row
  expect({
    arrivals: counted + rejected + inFlight + late + resent + warmUp + missing,
    tool: counted + rejected + neverReceived,
    negative: Object.values(row).filter(value => typeof value === 'number' && value < 0),
  }).toEqual({ arrivals, tool, negative: [] })
}

describe('the accounting of an audit', () => {
  it('puts each request in exactly one class, whatever the tool reports', () => {
    fc.assert(
      fc.property(records, anyReport, traits, fc.nat({ max: 20 }), (all, report, traits, users) => {
        const truth = truthOf(all)
        const served = truth.ledger.operations.map(({ operation }) => operation)
        const accounting = accountFor(truth, report, traits, matchNames(report, served), users)
        expectSums(accounting.total)
        for (const row of accounting.operations) expectSums(row)
        expect(accounting.total.arrivals).toBe(all.length)
      }),
      { seed: 7, numRuns: 200 },
    )
  })

  it('misses all requests when there is no report', () => {
    fc.assert(
      fc.property(records, all => {
        const { total } = accountFor(truthOf(all), undefined, undefined, {
          operations: [],
          unmatched: [],
          uncounted: [],
        })
        expectSums(total)
        expect({ counted: total.counted, tool: total.tool }).toEqual({ counted: 0, tool: 0 })
      }),
      { seed: 7, numRuns: 100 },
    )
  })
})

/** Time before the end of a run that a tool's last statistics lack. */
const LOST_MS = 8000

/** Returns the records that a tool with these traits counts of a run that it ended. */
function countedBy({ atEnd }: ToolTraits, all: readonly LedgerRecord[]): LedgerRecord[] {
  const end = Math.max(...all.map(endOf))
  if (atEnd === 'drops') return all.filter(record => record.outcome !== 'aborted' || endOf(record) < end - 500)
  if (atEnd === 'loses_interval') return all.filter(record => endOf(record) < end - LOST_MS)
  return [...all]
}

/** Returns the time between a tool's start and its last statistics. */
function durationOf({ atEnd }: ToolTraits, all: readonly LedgerRecord[]): number {
  const begin = Math.min(...all.map(({ startedAt }) => startedAt))
  return Math.max(...all.map(endOf)) - begin - (atEnd === 'loses_interval' ? LOST_MS : 0)
}

describe('an audit', () => {
  it('never judges a report wrong that was derived from what happened', () => {
    fc.assert(
      fc.property(records, traits, fc.boolean(), fc.boolean(), (all, traits, hasNames, countsStreams) => {
        // Tools without names know nothing but plain requests.
        const isCounted = ({ operation }: LedgerRecord) => !isFollowed(operation) || (hasNames && countsStreams)
        const counted = countedBy(traits, all).filter(isCounted)
        fc.pre(counted.length > 0)
        const { comparison, verdict } = auditOf({
          version: 'test',
          subject: { run: 'default', targetUrl: 'http://127.0.0.1', embedded: true, targetSettings: {}, faults: [] },
          truth: truthOf(all),
          report: honestReport(counted, traits, { hasNames, durationMs: durationOf(traits, all) }),
          traits,
          requested: {},
          findings: [],
          doubts: [],
        })
        const wrong = comparison.flatMap(({ operation, rows }) =>
          rows.filter(({ judgement }) => judgement === 'wrong').map(row => ({ operation, ...row })),
        )
        expect({ wrong, word: verdict.word }).toEqual({ wrong: [], word: 'trustworthy' })
      }),
      { seed: 7, numRuns: 200 },
    )
  })
})
