import { join } from 'node:path'
import { auditOf } from '../../calibration/audit/audit.ts'
import type { AuditResult, AuditSubject } from '../../calibration/audit/audit-result.ts'
import { renderAudit } from '../../calibration/audit/html/page.ts'
import type { NameMap } from '../../calibration/audit/names.ts'
import { auditLines } from '../../calibration/audit/summary.ts'
import type { TargetAddress, Tool } from '../../calibration/audit/tool.ts'
import { type LedgerClientOptions, LedgerUnavailable, readBoot, readLedger } from '../../calibration/ledger-client.ts'
import { evidenceOf } from '../../calibration/review/evidence.ts'
import { review } from '../../calibration/review/review.ts'
import { defaultRun } from '../../contract/headers.ts'
import { systemClock } from '../../core/clock.ts'
import { concealUrl } from '../../harness/client/address/url-credentials.ts'
import { ControlPlane } from '../../harness/control/control-plane.ts'
import { paintFor } from '../../harness/report/terminal.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { sendTo } from '../control-errors.ts'
import { type EmbeddedTarget, startEmbeddedTarget } from '../embedded-target.ts'
import { readPlan } from '../faults-plan.ts'
import { InputError } from '../input-error.ts'
import { ReportFolder, shortest } from '../report-folder.ts'
import { absolute } from '../scenario-file.ts'
import type { Stops } from '../stops.ts'
import { showArrivals } from './progress.ts'
import { runTrial, type Trial, type TrialSubject } from './trial.ts'

/** Settings of the embedded target of an audit; --target-set overrides them. */
const AUDIT_SETTINGS = { 'ledger.details': 'true', 'ledger.records': '200000' }

/** Options of `loadcell audit`, checked. */
export interface AuditOptions {
  program: string
  args: readonly string[]
  tool?: Tool | undefined
  reportFiles: readonly string[]
  names: NameMap
  /** Target that runs already; undefined for the embedded one. */
  url?: string | undefined
  controlUrl?: string | undefined
  run: string
  targetSettings: Record<string, string>
  faults: readonly string[]
  timeoutMs: number
  out?: string | undefined
  quiet: boolean
  version: string
}

/** Audits a command from its start to its report. @returns the exit code. @throws InputError */
export async function runAudit(options: AuditOptions, stops: Stops): Promise<number> {
  const folder = ReportFolder.claim(options.out ?? join('loadcell-results', `audit-${timestamp()}`), {
    report: 'audit.html',
    result: 'audit.json',
  })
  if (options.out !== undefined && folder.path !== absolute(options.out))
    process.stderr.write(`Note: ${options.out} holds an earlier report; this one goes to ${folder.path}\n`)
  let embedded: EmbeddedTarget | undefined
  try {
    if (options.url === undefined)
      embedded = await startEmbeddedTarget({ ...AUDIT_SETTINGS, ...options.targetSettings }, stops.graceful)
    const result = await audit(options, embedded, stops)
    process.stdout.write(`${auditLines(result, paintFor(process.stdout)).join('\n')}\n`)
    const { reportPath, problem } = folder.write({
      report: renderAudit(result),
      result: `${JSON.stringify(result, null, 2)}\n`,
    })
    if (reportPath !== undefined) process.stdout.write(`The whole report: ${shortest(reportPath)}\n\n`)
    if (problem !== undefined) process.stderr.write(`loadcell: ${problem}\n`)
    return stops.graceful.aborted ? exitCodes.interrupted : result.exitCode
  } catch (error) {
    folder.release()
    throw error
  } finally {
    await embedded?.stop(stops.atOnce)
  }
}

async function audit(options: AuditOptions, embedded: EmbeddedTarget | undefined, stops: Stops): Promise<AuditResult> {
  const targetUrl = embedded?.url ?? options.url!
  const controlUrl = embedded?.controlUrl ?? options.controlUrl
  const controlOptions = { targetUrl, controlUrl, controlToken: process.env['LOADCELL_CONTROL_TOKEN'] }
  const ledger: LedgerClientOptions = { ...controlOptions, clock: systemClock, hurry: stops.atOnce }
  const control = new ControlPlane(controlOptions)
  const send = <T>(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown) =>
    sendTo<T>(control, controlUrl ?? targetUrl, method, path, body)
  const boot = await bootOf(ledger, targetUrl)
  await assertUnused(ledger, options.run)
  if (options.faults.length > 0) {
    await assertNoFaults(send)
    await send('PUT', '/faults', readPlan(options.faults))
  }
  const hide = options.quiet ? () => {} : showArrivals(ledger, options.run)
  let trial: Trial
  try {
    trial = await runTrial(subjectOf(options), {
      ledger,
      address: addressOf(targetUrl),
      run: options.run,
      signal: stops.graceful,
      atOnce: stops.atOnce,
      showsOutput: !options.quiet,
    })
  } catch (error) {
    if (error instanceof LedgerUnavailable) throw lost(embedded, error)
    throw error
  } finally {
    hide()
    if (options.faults.length > 0) await send('DELETE', '/faults').catch(() => {})
  }
  if ((await readBoot(ledger)) !== boot) {
    throw new InputError('the target was restarted during the audit', undefined, exitCodes.targetUnreachable)
  }
  const subject: AuditSubject = {
    run: options.run,
    targetUrl: concealUrl(targetUrl),
    embedded: embedded !== undefined,
    targetSettings: options.targetSettings,
    faults: [...options.faults],
    command: trial.command,
  }
  return auditOf({
    version: options.version,
    subject,
    truth: trial.truth,
    report: trial.report,
    traits: trial.tool?.traits,
    requested: trial.prepared.requested,
    names: options.names,
    findings: review(evidenceOf(trial.truth, trial.command)),
    doubts: doubtsOf(trial),
  })
}

function subjectOf({ program, args, tool, reportFiles, timeoutMs }: AuditOptions): TrialSubject {
  return { program, args, tool, reportFiles, timeoutMs }
}

function addressOf(targetUrl: string): TargetAddress {
  const url = new URL(targetUrl)
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return { url: url.origin, host: url.hostname, port }
}

/** Returns what the command itself gives reason to doubt. */
function doubtsOf({ command, reportProblem, truth }: Trial): string[] {
  const doubts: string[] = []
  if (command.stopped === 'timeout') doubts.push('the command did not end, and was stopped after --timeout')
  if (command.stopped === 'interrupted') doubts.push('the audit was interrupted before the command had ended')
  if (truth.ledger.operations.length === 0) {
    const address = 'does it use {target} or LOADCELL_TARGET?'
    doubts.push(`the command sent no request to the target: ${address}`)
  }
  if (reportProblem !== undefined) doubts.push(reportProblem)
  return doubts
}

async function bootOf(ledger: LedgerClientOptions, targetUrl: string): Promise<string> {
  const boot = await readBoot(ledger).catch((error: unknown) => {
    if (error instanceof LedgerUnavailable)
      throw new InputError(error.message, 'Name a Loadcell target with --url.', exitCodes.targetUnreachable)
    throw error
  })
  if (boot !== undefined) return boot
  const url = concealUrl(targetUrl)
  throw new InputError(`${url} is not a Loadcell target: it keeps no ledger`, 'Start one with `loadcell target`.')
}

/** An audit counts from zero. @throws InputError when the run has requests already. */
async function assertUnused(ledger: LedgerClientOptions, run: string): Promise<void> {
  const { operations } = await readLedger(ledger, run)
  const arrivals = operations.reduce((sum, account) => sum + account.arrivals, 0)
  if (arrivals === 0) return
  const what = run === defaultRun ? 'without a run header' : `of run ${JSON.stringify(run)}`
  throw new InputError(
    `the target has ${arrivals} requests ${what} already, and they would count as the command's`,
    'Forget them with `curl -X POST <url>/_loadcell/reset?what=ledger`, or leave --url out for a target of the audit’s own.',
  )
}

async function assertNoFaults(send: <T>(method: 'GET', path: string) => Promise<T>): Promise<void> {
  const { rules } = await send<{ rules: { rule: { id: string } }[] }>('GET', '/faults')
  if (rules.length === 0) return
  const ids = rules.map(({ rule }) => rule.id).join(', ')
  throw new InputError(
    `the target has faults of its own (${ids})`,
    'End them with `loadcell faults clear`, or leave out --faults to audit the target as it is.',
  )
}

function lost(embedded: EmbeddedTarget | undefined, error: LedgerUnavailable): InputError {
  return new InputError(embedded?.lost() ?? error.message, undefined, exitCodes.targetUnreachable)
}

function timestamp(): string {
  return new Date(systemClock.wallTime()).toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-')
}
