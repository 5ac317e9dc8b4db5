import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AccountRow, AuditResult } from '../../../calibration/audit/audit-result.ts'
import { tools } from '../../../calibration/audit/tools.ts'
import { type Audit, audit } from './audit.ts'
import { compiled, hasTool } from './programs.ts'
import { type Subject, subjects } from './subjects.ts'

/** A machine that is busy with other tests shows in times, and the audit says so. Counts hold at once. */
const ATTEMPTS = 3

const byTool = Map.groupBy(subjects, ({ tool }) => tool)

describe.concurrent.each([...byTool])('an audit of %s', (name, [...its]) => {
  it.skipIf(!hasTool(name)).each(its)('agrees with the ledger, and finds what was planted: $title', async subject => {
    let attempt = 1
    let run = await auditOf(subject)
    expectCounts(run)
    while (run.result.verdict.word !== 'trustworthy' && attempt < ATTEMPTS) {
      attempt += 1
      run = await auditOf(subject)
      expectCounts(run)
    }
    const { result, exitCode, output } = run
    expect({ word: result.verdict.word, wrong: wrongRows(result), exitCode }, output).toEqual({
      word: 'trustworthy',
      wrong: [],
      exitCode: 0,
    })
    const found = result.findings.map(({ id }) => id)
    expect(found, output).toEqual(expect.arrayContaining(subject.planted))
    // A sound script may still be one for a single operation.
    if (subject.planted.length === 0)
      expect(
        found.filter(id => id !== 'single-operation'),
        output,
      ).toEqual([])
  })
})

/** Whatever the machine does, each request is in one class, and both ends count the same. */
function expectCounts({ result, output }: Audit): void {
  const { total, operations } = result.accounting
  expect(total.arrivals, output).toBeGreaterThan(50)
  for (const row of [total, ...operations]) expect({ ...row, ...sums(row) }, output).toEqual(row)
  const missing = { missing: total.missing, neverReceived: total.neverReceived }
  expect(missing, output).toEqual({ missing: 0, neverReceived: 0 })
  expect(
    wrongRows(result).filter(({ unit }) => unit === 'count' || unit === 'bytes'),
    output,
  ).toEqual([])
  expect(tools.map(({ name }) => name)).toContain(result.tool?.name)
}

function sums(row: AccountRow): Pick<AccountRow, 'arrivals' | 'tool'> {
  const { counted, rejected, inFlight, late, resent, warmUp, missing, neverReceived } = row
  return {
    arrivals: counted + rejected + inFlight + late + resent + warmUp + missing,
    tool: counted + rejected + neverReceived,
  }
}

function wrongRows({ comparison }: AuditResult) {
  return comparison.flatMap(({ operation, rows }) =>
    rows.filter(({ judgement }) => judgement === 'wrong').map(row => ({ operation, ...row })),
  )
}

async function auditOf({ command, options, simulation }: Subject): Promise<Audit> {
  if (simulation === undefined) return audit(command, options)
  const classes = mkdtempSync(join(tmpdir(), 'loadcell-gatling-'))
  try {
    return await audit(command, options, compiled(simulation, classes))
  } finally {
    rmSync(classes, { recursive: true, force: true })
  }
}
