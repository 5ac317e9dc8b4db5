/**
 * Audits whether the ready scenarios notice mutations of the service: those that are named as arguments, or all of them. Fails if
 * one misses a mutation that it is meant to notice.
 */
import { resolve } from 'node:path'
import type { MutationOutcome, MutationScore } from '../../calibration/audit/audit-result.ts'
import { loadcell } from '../../calibration/audit/tools/loadcell.ts'
import { type AuditedScenario, auditedScenarios, blindSpots } from '../../calibration/mutations/ready-scenarios.ts'
import { defaultRun } from '../../contract/headers.ts'
import { createPlan } from '../../harness/plan/plan.ts'
import { plain } from '../../harness/report/terminal.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { InputError } from '../process/input-error.ts'
import { tellError } from '../process/tell-error.ts'
import { Interrupts } from '../process/interrupts.ts'
import { loadScenario } from '../loading/scenario-file.ts'
import { type Stops, stopsOf } from '../process/stops.ts'
import { withTarget } from './audited-target.ts'
import { mutate } from './mutate.ts'

const SEED = 1
const ATTEMPTS = 2
/** The warm-up is a run of its own, which the ledger of the audited run does not contain. */
const FLAGS = ['--quiet', '--warmup', '500ms']
const main = resolve(import.meta.dirname, '../main.js')

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
  const unclear: string[] = []
  for (const scenario of auditedScenarios) {
    if (names.length > 0 && !names.includes(scenario.name)) continue
    let sight: Sight = 'unclear'
    // On a busy machine, a threshold that does not hold without faults either shows nothing.
    for (let attempt = 1; sight !== 'sighted' && attempt <= ATTEMPTS; attempt++) {
      process.stdout.write(`${scenario.name}\n`)
      const score = await scoreOf(scenario, stops)
      if (stops.graceful.aborted) return exitCodes.interrupted
      sight = sightOf(scenario, score)
    }
    if (sight === 'blind') blind.push(scenario.name)
    if (sight === 'unclear') unclear.push(scenario.name)
  }
  if (blind.length > 0) process.stdout.write(`\nDid not notice what they should: ${blind.join(', ')}\n`)
  if (unclear.length > 0) process.stdout.write(`\nThe machine was too busy to tell: ${unclear.join(', ')}\n`)
  return blind.length > 0 ? 1 : unclear.length > 0 ? exitCodes.invalidRun : exitCodes.ok
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

type Sight = 'sighted' | 'blind' | 'unclear'

/** Prints the score. @returns whether the scenario noticed all but its blind spots. */
function sightOf(scenario: AuditedScenario, { noticed, tried, outcomes }: MutationScore): Sight {
  process.stdout.write(`  noticed ${noticed} of ${tried}\n`)
  const known = blindSpots(scenario)
  const states = new Set<MutationOutcome['state']>()
  for (const { id, state, check, hidden } of outcomes) {
    if (state !== 'missed' && state !== 'unclear') continue
    if (known[id] === undefined) states.add(state)
    const line = state === 'missed' ? `MISSED ${id}: ${check}` : `UNCLEAR ${id}: ${hidden}`
    process.stdout.write(known[id] === undefined ? `  ${line}\n` : `  not checked, ${id}: ${known[id]}\n`)
  }
  if (states.has('missed') || tried === 0) return 'blind'
  return states.has('unclear') ? 'unclear' : 'sighted'
}
