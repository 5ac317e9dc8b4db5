/**
 * Audits whether the ready scenarios notice mutations of the service: those that are named as arguments, or all of them. Fails if
 * one misses a mutation that it is meant to notice.
 */
import { extname, resolve } from 'node:path'
import type { MutationScore } from '../../calibration/audit/audit-result.ts'
import { loadcell } from '../../calibration/audit/tools/loadcell.ts'
import { type AuditedScenario, auditedScenarios, blindSpots } from '../../calibration/mutations/ready-scenarios.ts'
import { defaultRun } from '../../contract/headers.ts'
import { createPlan } from '../../harness/plan/plan.ts'
import { plain } from '../../harness/report/terminal.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError, tellError } from '../input-error.ts'
import { Interrupts } from '../interrupts.ts'
import { loadScenario } from '../scenario-file.ts'
import { type Stops, stopsOf } from '../stops.ts'
import { withTarget } from './audited-target.ts'
import { mutate } from './mutate.ts'

const SEED = 1
const ATTEMPTS = 2
/** The warm-up is a run of its own, which the ledger of the audited run does not contain. */
const FLAGS = ['--quiet', '--warmup', '500ms']
const main = resolve(import.meta.dirname, `../main${extname(import.meta.filename)}`)

try {
  process.exitCode = await auditScenarios(
    process.argv.slice(2),
    stopsOf(new Interrupts(), () => process.exit()),
  )
} catch (error) {
  process.exitCode = tellError(error)
}

/** @returns the exit code. @throws InputError */
async function auditScenarios(names: readonly string[], stops: Stops): Promise<number> {
  const unknown = names.find(name => auditedScenarios.every(scenario => scenario.name !== name))
  if (unknown !== undefined) {
    const known = auditedScenarios.map(({ name }) => name).join(', ')
    throw new InputError(`${unknown} is not among the audited scenarios`, `Name some of ${known}.`)
  }
  const blind: string[] = []
  for (const scenario of auditedScenarios) {
    if (names.length > 0 && !names.includes(scenario.name)) continue
    let isSighted = false
    // On a busy machine, a threshold that does not hold without faults either shows nothing.
    for (let attempt = 1; !isSighted && attempt <= ATTEMPTS; attempt++) {
      process.stdout.write(`${scenario.name}\n`)
      const score = await scoreOf(scenario, stops)
      if (stops.graceful.aborted) return exitCodes.interrupted
      isSighted = noticesAll(scenario, score)
    }
    if (!isSighted) blind.push(scenario.name)
  }
  if (blind.length > 0) process.stdout.write(`\nDid not notice what they should: ${blind.join(', ')}\n`)
  return blind.length > 0 ? 1 : exitCodes.ok
}

async function scoreOf(
  { name, durationMs, load, endsByItself }: AuditedScenario,
  stops: Stops,
): Promise<MutationScore> {
  const { definition } = await loadScenario(name, stops.graceful)
  const settings = createPlan(definition, name, { seed: SEED, tags: {} }).targetSettings
  const subject = {
    program: process.execPath,
    args: [main, 'run', name, '--target', '{target}', ...load, ...FLAGS],
    // Without the option for its duration, it is not shortened.
    tool: endsByItself ? { ...loadcell, duration: undefined } : loadcell,
    reportFiles: [],
    timeoutMs: durationMs,
  }
  const run = (line: string) => process.stdout.write(`  ${plain(line)}\n`)
  return withTarget({ settings }, stops, target =>
    mutate(target, { subject, run: defaultRun, timeMs: durationMs, seed: SEED, tell: run }, stops),
  )
}

/** Prints the score. @returns whether the scenario noticed all but its blind spots. */
function noticesAll(scenario: AuditedScenario, { noticed, tried, outcomes }: MutationScore): boolean {
  process.stdout.write(`  noticed ${noticed} of ${tried}\n`)
  const missed = outcomes.filter(({ state }) => state === 'missed')
  for (const { id, check } of missed) {
    const known = blindSpots(scenario)[id]
    process.stdout.write(known === undefined ? `  MISSED ${id}: ${check}\n` : `  not checked, ${id}: ${known}\n`)
  }
  return tried > 0 && missed.every(({ id }) => blindSpots(scenario)[id] !== undefined)
}
