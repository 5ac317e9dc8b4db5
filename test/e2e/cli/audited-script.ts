import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AuditResult } from '../../../calibration/audit/audit-result.ts'
import { auditSchemaErrors } from '../../support/audit-schema.ts'
import { type Finished, scratchFolder } from './loadcell.ts'
import { loadcell } from './warm-loadcell.ts'

/** Beginning of every script: `get` sends a request and keeps a line about it, `write` writes the lines as CSV. */
const PRELUDE = `
import { writeFileSync } from 'node:fs'
const target = process.env.LOADCELL_TARGET
const lines = []
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
async function get(path, headers = {}) {
  const startedAt = Date.now()
  const begin = performance.now()
  const response = await fetch(target + path, { headers })
  const body = await response.arrayBuffer()
  lines.push(['GET ' + path, performance.now() - begin, response.status, startedAt, body.byteLength].join(','))
}
/** Requests products one to \`count\`, all at once. */
function products(count) {
  return Promise.all(Array.from({ length: count }, (_, index) => get('/api/v1/products/' + (index + 1))))
}
function write(file = process.argv[2]) {
  writeFileSync(file, ['label,took,code,time,size', ...lines].join('\\n') + '\\n')
}
`

/** Mapping of the columns that \`write\` writes. */
export const COLUMNS = 'name=label,elapsed=took:ms,status=code,startedAt=time:ms,bytes=size'

/** Writes a load test as a small script, and returns its path and where it should write its report. */
export function loadScript(source: string): { script: string; report: string; folder: string } {
  const folder = scratchFolder()
  const script = join(folder, 'load.mjs')
  writeFileSync(script, PRELUDE + source)
  return { script, report: join(folder, 'report.csv'), folder }
}

export interface FinishedAudit extends Finished {
  folder: string
  /** Undefined when the audit came to no result. */
  result: AuditResult | undefined
}

/** Runs `loadcell audit` and reads its result. */
export async function audit(args: string[], options: Parameters<typeof loadcell>[1] = {}): Promise<FinishedAudit> {
  const folder = join(scratchFolder(), 'out')
  const at = args[0] === 'report' ? 1 : 0
  const finished = await loadcell(['audit', ...args.slice(0, at), '--out', folder, ...args.slice(at)], options)
  return { ...finished, folder, result: resultIn(folder) }
}

/** Returns the result of an audit, which fits the published schema. */
export function resultIn(folder: string): AuditResult | undefined {
  const file = join(folder, 'audit.json')
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, 'utf8')
  const errors = auditSchemaErrors(text)
  if (errors.length > 0) throw new Error(`audit.json does not fit its schema: ${errors.join('; ')}`)
  return JSON.parse(text) as AuditResult
}

/** Settings of a target that is never late itself, however busy the machine is. */
export const NEVER_LATE = 'ledger.lateAfter=60s'

/** A rule that makes the target so slow that the delays of a busy machine are small beside it. */
export const SLOW = { id: 'slow', fault: { type: 'delay', distribution: '1s' } }

/** Audits a script with the report that it writes, against a target of the audit's own. */
export async function auditScript(
  source: string,
  flags: string[] = ['--columns', COLUMNS],
  rule: object = SLOW,
): Promise<FinishedAudit & { report: string }> {
  const { script, report, folder } = loadScript(source)
  const faults = join(folder, 'slow.json')
  writeFileSync(faults, JSON.stringify(rule))
  const own = ['--target-set', NEVER_LATE, '--faults', faults, '--report', report]
  return { report, ...(await audit([...own, ...flags, '--', process.execPath, script, report])) }
}
