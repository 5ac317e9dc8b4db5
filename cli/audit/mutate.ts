import { withDuration } from '../../calibration/audit/reading/command-options.ts'
import type { MutationOutcome, MutationScore } from '../../calibration/audit/audit-result.ts'
import { arrivalsIn } from '../../calibration/audit/truth.ts'
import { toolOf } from '../../calibration/audit/tools.ts'
import { type Mutation, type MutationPlan, rulesOf } from '../../calibration/mutations/mutation.ts'
import { mutations } from '../../calibration/mutations/mutations.ts'
import { isInvalid, type OwnAccount } from '../../calibration/mutations/noticed.ts'
import { confirmed, outcomeOf, scoreOf } from '../../calibration/mutations/score.ts'
import { trafficOf } from '../../calibration/mutations/traffic.ts'
import type { Stops } from '../process/stops.ts'
import type { AuditedTarget } from './audited-target.ts'
import { runTrial, type Trial, type TrialSubject } from './trial/trial.ts'

/** Time that a shortened command has besides, to start and to write its report. */
const BESIDES_MS = 20_000

export interface MutateOptions {
  subject: TrialSubject
  run: string
  /** Length of each run. */
  timeMs: number
  seed: number
  /** A run without faults that was as short as these are; else there will be one. */
  clean?: Trial | undefined
  /** Called with a line about each run. */
  tell: (line: string) => void
}

/**
 * Runs the command without faults and then once under each mutation that can affect it. The target is as it was afterwards, but for
 * its ledger.
 * @throws InputError
 * @throws LedgerUnavailable
 */
export async function mutate(target: AuditedTarget, options: MutateOptions, stops: Stops): Promise<MutationScore> {
  const { seed, tell } = options
  const subject = briefly(options)
  if (options.clean === undefined) tell('without faults')
  const clean = options.clean ?? (await validly(() => runAlone(target, subject, options.run, stops), stops))
  // A slow service must not look like a command that has to be stopped.
  const timeoutMs = clean.command.stopped === undefined ? subject.timeoutMs + options.timeMs : subject.timeoutMs
  const run = () => validly(() => runAlone(target, { ...subject, timeoutMs }, options.run, stops), stops)
  const traffic = trafficOf(clean.truth.ledger)
  if (arrivalsIn(clean.truth.ledger) === 0 && !stops.graceful.aborted) {
    const reason = 'its run without faults sent no request'
    return scoreOf(
      [],
      mutations.map(({ id }) => ({ id, reason })),
    )
  }
  const runs: MutatedOutcome[] = []
  const skipped: MutationScore['skipped'] = []
  for (const mutation of mutations) {
    const plan = mutation.plan(traffic)
    if ('reason' in plan) {
      skipped.push({ id: mutation.id, reason: plan.reason })
      continue
    }
    const trial = stops.graceful.aborted ? undefined : await whileMutated(target, { mutation, plan, seed }, run)
    if (trial === undefined || trial.command.stopped === 'interrupted') {
      skipped.push({ id: mutation.id, reason: 'the audit was interrupted' })
      continue
    }
    const outcome = outcomeOf(mutation, clean, trial)
    runs.push({ outcome, account: accountOf(trial) })
    tell(lineOf(outcome))
  }
  return scoreOf(
    await confirmedOutcomes(runs, () => runAlone(target, subject, options.run, stops), options, stops),
    skipped,
  )
}

interface MutatedOutcome {
  outcome: MutationOutcome
  account: OwnAccount
}

/** Returns what a run says of itself, without the times of its single requests, which would be kept for every mutation. */
function accountOf({ command, tool, report }: Trial): OwnAccount {
  if (report === undefined) return { command, tool }
  const { samples: _, ...rest } = report
  return { command, tool, report: rest }
}

/** Runs the command without faults again if anything was noticed, so that a script that fails by itself does not pass for one that checks. */
async function confirmedOutcomes(
  runs: readonly MutatedOutcome[],
  runClean: () => Promise<Trial>,
  { tell }: MutateOptions,
  stops: Stops,
): Promise<MutationOutcome[]> {
  const outcomes = runs.map(({ outcome }) => outcome)
  if (stops.graceful.aborted || !outcomes.some(({ state }) => state === 'noticed')) return outcomes
  tell('without faults again')
  const again = await validly(runClean, stops)
  if (again.command.stopped === 'interrupted') return outcomes
  return runs.map(({ outcome, account }) => {
    const result = confirmed(outcome, account, again)
    if (result !== outcome) tell(lineOf(result))
    return result
  })
}

/** Runs once more when the tool calls the run invalid: it may have met a moment in which this machine was busy. */
async function validly(run: () => Promise<Trial>, stops: Stops): Promise<Trial> {
  const trial = await run()
  return isInvalid(trial) && !stops.graceful.aborted ? run() : trial
}

function lineOf({ title, state, injected, evidence, hidden }: MutationOutcome): string {
  const found = {
    noticed: `noticed: ${evidence[0]}`,
    missed: `missed (${injected} changed)`,
    unclear: `unclear: ${hidden}`,
    not_reached: 'nothing met it',
  }
  return `${title}: ${found[state]}`
}

/** Shortens the command by its own option where it has one. It is stopped when its time is over in any case. */
function briefly({ subject, timeMs }: MutateOptions): TrialSubject {
  const { program, args, tool = toolOf(program, args) } = subject
  const shortened = tool?.duration && withDuration(args, tool.duration, timeMs)
  if (shortened === undefined) return { ...subject, timeoutMs: timeMs }
  return { ...subject, args: shortened, timeoutMs: timeMs + BESIDES_MS }
}

/** Runs the command on a ledger without other requests. */
async function runAlone(target: AuditedTarget, subject: TrialSubject, run: string, stops: Stops): Promise<Trial> {
  // What others keep at a target that runs already is not the audit's to forget.
  await target.send('POST', `/reset?what=${target.isEmbedded ? 'all' : 'ledger'}`)
  const trial = await runTrial(subject, {
    ledger: target.ledger,
    address: target.address,
    run,
    signal: AbortSignal.any([stops.graceful, target.lost]),
    atOnce: stops.atOnce,
    showsOutput: false,
  })
  await target.assertSame()
  return trial
}

/** Mutates the service, runs the command, and undoes the mutation, whatever happens. */
async function whileMutated(
  target: AuditedTarget,
  { mutation, plan, seed }: { mutation: Mutation; plan: MutationPlan; seed: number },
  run: () => Promise<Trial>,
): Promise<Trial> {
  const restore = await change(target, plan.settings ?? {})
  try {
    if (plan.rules.length > 0) await target.send('PUT', '/faults', { rules: rulesOf(mutation, plan, seed) })
    return await run()
  } finally {
    // A target that is gone has no faults.
    await target.send('DELETE', '/faults').catch(() => {})
    await restore().catch(() => {})
  }
}

/** Changes settings of the target. @returns a function that changes them back. */
async function change(
  target: AuditedTarget,
  settings: NonNullable<MutationPlan['settings']>,
): Promise<() => Promise<void>> {
  if (Object.keys(settings).length === 0) return async () => {}
  const current = await target.send<Record<string, Record<string, unknown>>>('GET', '/config')
  const before = Object.fromEntries(
    Object.entries(settings).map(([section, values]) => [
      section,
      Object.fromEntries(Object.keys(values).map(key => [key, current[section]![key]])),
    ]),
  )
  await target.send('PATCH', '/config', settings)
  return async () => {
    await target.send('PATCH', '/config', before)
  }
}
