import { auditOf } from '../../calibration/audit/audit.ts'
import type { AuditResult, AuditSubject, MutationScore } from '../../calibration/audit/audit-result.ts'
import type { NameMap } from '../../calibration/audit/names.ts'
import type { Tool } from '../../calibration/audit/tool.ts'
import { isInvalid } from '../../calibration/mutations/noticed.ts'
import { evidenceOf } from '../../calibration/review/evidence.ts'
import { review } from '../../calibration/review/review.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { readPlan } from '../options/faults-plan.ts'
import type { Stops } from '../process/stops.ts'
import { reportAudit } from './audit-folder.ts'
import { type AuditedTarget, type TargetChoice, withTarget } from './audited-target.ts'
import { mutate } from './mutate.ts'
import { probe } from './probe.ts'
import { showArrivals } from './progress.ts'
import { runTrial, type Trial, type TrialSubject } from './trial/trial.ts'

/** Options of `loadcell audit`, checked. */
export interface AuditOptions {
  program: string
  args: readonly string[]
  tool?: Tool | undefined
  reportFiles: readonly string[]
  names: NameMap
  target: TargetChoice
  run: string
  faults: readonly string[]
  /** Whether all responses are made late for a second. */
  probes: boolean
  /** Whether, and how, the service is mutated after the run. */
  mutations?: { timeMs: number; seed: number; requiredNoticed?: number | undefined } | undefined
  timeoutMs: number
  out?: string | undefined
  quiet: boolean
  version: string
}

/** Audits a command from its start to its report. @returns the exit code. @throws InputError */
export async function runAudit(options: AuditOptions, stops: Stops): Promise<number> {
  const result = await reportAudit(options.out, () =>
    withTarget(options.target, stops, target => audit(options, target, stops)),
  )
  return stops.graceful.aborted ? exitCodes.interrupted : result.exitCode
}

async function audit(options: AuditOptions, target: AuditedTarget, stops: Stops): Promise<AuditResult> {
  const { run, faults } = options
  const plan = readPlan(faults)
  await target.assertUnused(run)
  if (faults.length > 0 || options.probes || options.mutations !== undefined) await target.assertNoFaults()
  if (faults.length > 0) await target.send('PUT', '/faults', plan)
  const hide = options.quiet ? () => {} : showArrivals(target.ledger, run)
  let trial: Trial
  try {
    trial = await runTrial(subjectOf(options), {
      ledger: target.ledger,
      address: target.address,
      run,
      signal: AbortSignal.any([stops.graceful, target.lost]),
      atOnce: stops.atOnce,
      showsOutput: !options.quiet,
      ...(options.probes && { probe: (requested, signal) => probe(target, { run, requested, signal }) }),
    })
  } finally {
    hide()
    if (faults.length > 0) await target.send('DELETE', '/faults').catch(() => {})
  }
  await target.assertSame()
  const mutations = await mutationsIn(options, target, { trial, stops })
  const subject: AuditSubject = {
    run,
    targetUrl: target.shownUrl,
    embedded: target.isEmbedded,
    targetSettings: options.target.settings,
    faults: [...faults],
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
    probe: trial.probe ?? (options.probes ? 'late' : undefined),
    mutations,
    requiredNoticed: options.mutations?.requiredNoticed,
    findings: review(evidenceOf(trial.truth, trial.command)),
    doubts: doubtsOf(trial, trial.truth.ledger.operations.length === 0 ? await target.runsBeside(run) : []),
  })
}

/** Most other runs that are named. */
const MOST_RUNS = 5
/** A run that was no longer than the others serves as the one without faults. */
const NO_LONGER = 1.2

function mutationsIn(
  options: AuditOptions,
  target: AuditedTarget,
  { trial, stops }: { trial: Trial; stops: Stops },
): Promise<MutationScore> | undefined {
  if (options.mutations === undefined || stops.graceful.aborted) return undefined
  const { timeMs, seed } = options.mutations
  const { stopped, durationMs } = trial.command
  const isShort = stopped === undefined && durationMs <= NO_LONGER * timeMs
  const isClean = isShort && !options.probes && !isInvalid(trial)
  const tell = (line: string) => process.stderr.write(`audit: ${line}\n`)
  return mutate(
    target,
    { subject: subjectOf(options), run: options.run, timeMs, seed, clean: isClean ? trial : undefined, tell },
    stops,
  )
}

function subjectOf({ program, args, tool, reportFiles, timeoutMs }: AuditOptions): TrialSubject {
  return { program, args, tool, reportFiles, timeoutMs }
}

/**
 * Returns what the command itself gives reason to doubt.
 * @param otherRuns that the target knows, where no request belongs to the audited one.
 */
function doubtsOf({ command, reportProblem, truth }: Trial, otherRuns: readonly string[]): string[] {
  const doubts: string[] = []
  if (command.stopped === 'timeout') doubts.push('the command did not end, and was stopped after --timeout')
  if (command.stopped === 'interrupted') doubts.push('the audit was interrupted before the command had ended')
  if (truth.ledger.operations.length === 0) {
    const names = otherRuns.slice(0, MOST_RUNS).map(each => JSON.stringify(each))
    doubts.push(
      names.length === 0
        ? 'the command sent no request to the target: does it use {target} or LOADCELL_TARGET?'
        : `no request belongs to run ${JSON.stringify(truth.ledger.run)}, and some belong to ${names.join(', ')}: is the command’s run to be named with --run?`,
    )
  }
  if (reportProblem !== undefined) doubts.push(reportProblem)
  return doubts
}
