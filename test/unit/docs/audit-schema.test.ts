import { describe, expect, it } from 'vitest'
import { auditOf } from '../../../calibration/audit/audit.ts'
import type { CommandOutcome, MutationScore } from '../../../calibration/audit/audit-result.ts'
import { tools } from '../../../calibration/audit/tools.ts'
import { evidenceOf } from '../../../calibration/review/evidence.ts'
import { review } from '../../../calibration/review/review.ts'
import { auditSchemaErrors } from '../../support/audit-schema.ts'
import { BEGAN_AT, detailedRecordOf, honestReport, recordsOf, truthOf } from '../../support/audited-run.ts'
import { auditedReport } from '../../support/compared-report.ts'
import { requests } from '../../support/review-evidence.ts'

const command: CommandOutcome = {
  program: 'tool',
  args: ['-c', '5'],
  added: ['--json'],
  startedAt: BEGAN_AT,
  durationMs: 1000,
  exitCode: null,
  signal: 'SIGKILL',
  stopped: 'timeout',
  cpuShare: 0.5,
}

const mutations: MutationScore = {
  noticed: 0,
  tried: 1,
  outcomes: [{ id: 'empty', title: 'empty bodies', state: 'missed', injected: 3, evidence: [], check: 'look' }],
  skipped: [{ id: 'stream', reason: 'no streams' }],
}

describe('the schema of audit.json', () => {
  it.each(tools.map(tool => [tool.name, tool.traits] as const))('fits a whole audit of %s', (_, traits) => {
    const records = requests(120, index =>
      detailedRecordOf(
        {
          startedAt: 100 * index,
          status: index % 3 ? 200 : 401,
          operation: index % 5 ? 'products.get' : 'streams.read',
        },
        { token: 1, body: 2, idempotencyKey: 3, userAgent: 'x', problem: 'invalid_token', retryAfterMs: 10 },
      ),
    )
    const truth = truthOf(records)
    const counted = records.filter(({ operation }) => operation === 'products.get')
    const result = auditOf({
      version: '1.0.0',
      subject: {
        run: 'default',
        targetUrl: 'http://127.0.0.1',
        embedded: true,
        targetSettings: { seed: '1' },
        faults: ['flaky'],
        command,
      },
      truth,
      report: { ...honestReport(counted, traits), version: '2' },
      traits,
      requested: { ratePerSecond: 10, users: 1 },
      names: new Map(),
      probe: { fromAt: BEGAN_AT + 5000, toAt: BEGAN_AT + 6000 },
      mutations,
      findings: review(evidenceOf(truth, command)),
      doubts: ['it is a test'],
    })
    expect(result.findings).not.toEqual([])
    expect(result.accounting.setAside).toHaveLength(1)
    expect(auditSchemaErrors(JSON.stringify(result))).toEqual([])
  })

  it('fits an audit without requests, and one without a report', () => {
    expect(auditSchemaErrors(JSON.stringify(auditedReport(truthOf([]), undefined)))).toEqual([])
    expect(auditSchemaErrors(JSON.stringify(auditedReport(truthOf(recordsOf(5)), undefined)))).toEqual([])
  })

  it('does not fit an audit that lacks a field', () => {
    const { doubts: _, ...result } = auditedReport(truthOf([]), undefined)
    expect(auditSchemaErrors(JSON.stringify(result))).toContainEqual(expect.stringMatching(/doubts/))
  })
})
