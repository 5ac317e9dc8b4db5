import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AccountRow, AuditResult } from '../../../calibration/audit/audit-result.ts'
import { tools } from '../../../calibration/audit/tools.ts'
import { type Audit, audit } from './audit.ts'
import { hasTool, withCompiled } from './programs.ts'
import { type Subject, subjects } from './subjects.ts'

/** A machine that is busy with other tests shows in times, and the audit says so. Counts hold at once. */
const ATTEMPTS = 2
/** Findings about moments, which a busy machine moves. */
const TIMED = new Set(['simultaneous-start', 'no-think-time', 'constant-think-time'])

/** Beside these delays, what tools and their connections add is little. */
const slow = resolve(import.meta.dirname, 'slow.yaml')

const byTool = Map.groupBy(subjects, ({ tool }) => tool)

describe.concurrent.each([...byTool])('an audit of %s', (name, [...its]) => {
  it.skipIf(!hasTool(name)).each(its)('agrees with the ledger, and finds what was planted: $title', async subject => {
    const { result, exitCode, output } = await conclusiveAuditOf(subject)
    const isSound = subject.planted.length === 0
    const isBusy = result.verdict.word === 'inconclusive'
    if (isBusy) tellBusy(subject, result)
    else if (isSound) {
      const outcome = { word: result.verdict.word, wrong: wrongRows(result), exitCode }
      expect(outcome, output).toEqual({ word: 'trustworthy', wrong: [], exitCode: 0 })
    }
    const found = result.findings.map(({ id }) => id)
    expect(found, output).toEqual(expect.arrayContaining(subject.planted.filter(id => !TIMED.has(id))))
    const late = subject.planted.filter(id => !found.includes(id))
    if (late.length > 0) tell(`${late.join(', ')} of ${subject.title}: the machine was too busy to see it`)
    // A sound script may still be one for a single operation, and starting its tool may take all of a core.
    const harmless = ['single-operation', 'cpu-limit', ...(subject.unavoidable ?? []), ...(isBusy ? TIMED : [])]
    if (isSound)
      expect(
        found.filter(id => !harmless.includes(id)),
        output,
      ).toEqual([])
  })
})

/** Audits a script again while the machine is too busy, or a sound one is not trusted. */
async function conclusiveAuditOf(subject: Subject): Promise<Audit> {
  for (let attempt = 1; ; attempt++) {
    const run = await auditOf(subject)
    expectCounts(run)
    const { word } = run.result.verdict
    const found = run.result.findings.map(({ id }) => id)
    const isConclusive =
      (word === 'trustworthy' || (word === 'wrong' && subject.planted.length > 0)) &&
      subject.planted.every(id => found.includes(id))
    if (isConclusive || attempt === ATTEMPTS) return run
  }
}

/** Accepts no other doubt than that of a busy machine. */
function tellBusy({ title }: Subject, { doubts }: AuditResult): void {
  expect(doubts).toEqual(doubts.map(() => expect.stringContaining('too busy')))
  tell(`the times of ${title}: ${doubts.join('; ')}. Only its counts were compared`)
}

function tell(what: string): void {
  process.stderr.write(`\n!!! SKIPPED: ${what}.\n\n`)
}

/** Whatever the machine does, each request is in one class, and both ends count the same. */
function expectCounts({ result, output }: Audit): void {
  const { total, operations } = result.accounting
  expect(total.arrivals, output).toBeGreaterThan(20)
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

function auditOf({ command, options = [], simulation }: Subject): Promise<Audit> {
  const delayed = ['--faults', slow, ...options]
  return withCompiled(simulation, env => audit(command, delayed, env))
}
