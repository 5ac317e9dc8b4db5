import { formatDuration } from '../../core/duration.ts'
import type { SearchPlan } from '../../harness/capacity/search.ts'
import { FEWEST_PROBES } from '../../harness/capacity/search.ts'
import { readSlo } from '../../harness/capacity/slo.ts'
import { isOpen, peakOf } from '../../harness/load/plan.ts'
import { Inspector } from '../../harness/plan/inspector.ts'
import { createPlan, type Plan, ScenarioError } from '../../harness/plan/plan.ts'
import { MOST_PER_SECOND, MOST_USERS } from '../../harness/plan/read-load.ts'
import { noteMissingObjective } from '../../harness/plan/read-llm.ts'
import { noteUnknownLoads } from '../../harness/plan/read-thresholds.ts'
import { vocabularyOf } from '../../harness/plan/read-vocabulary.ts'
import { searchMs } from '../../harness/run/capacity-search.ts'
import { InputError, listedError } from '../process/input-error.ts'
import type { ScenarioFile } from '../loading/scenario-file.ts'
import { scenarioOptionsOf } from '../options/chosen-options.ts'
import type { CapacityFlags } from './search.ts'

/** A search that can be run: checked, with its defaults. */
export interface CapacityPlan {
  plan: Plan
  search: SearchPlan
  timeMs: number
}

const SHORTEST_PROBE_MS = 2000
/** Unsteady probes may become this many times as long, and faults of the scenario must last to their end. */
const LONGEST_PROBE = 4

/** @throws InputError that names everything that is wrong. */
export function planCapacity(
  { definition, name, path }: ScenarioFile,
  source: string,
  flags: CapacityFlags,
): CapacityPlan {
  const inspector = new Inspector()
  const slo = readSlo(inspector, flags.slo, vocabularyOf(definition))
  const probeMs = inspector.durationMs('--probe', flags.probe)
  const timeMs = inspector.durationMs('--time', flags.time, { above: 0 })
  if (inspector.errors.length === 0 && probeMs < SHORTEST_PROBE_MS)
    inspector.expected(
      '--probe',
      `at least ${formatDuration(SHORTEST_PROBE_MS)}, or there is no steady state to see`,
      flags.probe,
    )
  if (inspector.errors.length > 0) throw unusable('the search cannot be run', inspector.errors)
  const plan = planOf({ definition, name, path }, source, flags, LONGEST_PROBE * probeMs)
  const all = plan.loads.flatMap(({ name }) => name ?? [])
  noteUnknownLoads(inspector, '--slo', slo, { all, chosen: all })
  noteMissingObjective(inspector, '--slo', slo, plan.llm)
  if (inspector.errors.length > 0) throw unusable('the search cannot be run', inspector.errors)
  const search = searchOf(plan, flags, probeMs / 1000)
  const leastMs = plan.warmupMs + searchMs(search, 1)
  if (timeMs < leastMs) {
    throw new InputError(
      `--time ${flags.time} is too short: one probe takes ${formatDuration(Math.round(leastMs))}`,
      `A search takes ${FEWEST_PROBES} probes and more: give at least --time ${formatDuration(Math.round(plan.warmupMs + searchMs(search, FEWEST_PROBES)))}, or a shorter --probe.`,
    )
  }
  return { plan: { ...plan, thresholds: slo }, search, timeMs }
}

function planOf({ definition, name, path }: ScenarioFile, source: string, flags: CapacityFlags, mostMs: number): Plan {
  const shared = {
    source,
    ...scenarioOptionsOf(flags, path),
    tags: {},
    targetSettings: flags.targetSet,
  }
  try {
    const written = createPlan(definition, name, shared)
    const problem = problemOf(written)
    if (problem !== undefined)
      throw new InputError(`${path} has no capacity to search for: ${problem.why}`, problem.instead)
    return createPlan(definition, name, { ...shared, duration: mostMs })
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    throw unusable(`${path} cannot be run`, error.lines)
  }
}

/** Returns why a scenario cannot be probed at constant loads. */
function problemOf({ loads, disturbances, faults }: Plan): { why: string; instead: string } | undefined {
  if (loads.length > 1) {
    return {
      why: `it has several loads (${loads.map(({ name }) => name).join(', ')}), and a search changes one`,
      instead: 'Choose one with --only, or write a scenario with one load and several kinds of user.',
    }
  }
  const { load } = loads[0]!
  if ('iterations' in load) {
    return {
      why: `its load (${load.executor}) ends when its iterations are done`,
      instead:
        'Give it a load with a duration: constant-vus, ramping-vus, constant-arrival-rate or ramping-arrival-rate.',
    }
  }
  if (disturbances.length > 0) {
    return {
      why: 'it disturbs its target during the run, so that no two seconds are alike',
      instead: 'Take the `disturb` out of it.',
    }
  }
  if (
    faults !== undefined &&
    (faults.timeline !== undefined || faults.rules.some(({ window }) => window !== undefined))
  ) {
    return {
      why: 'its faults change during the run, so that no two seconds are alike',
      instead: 'Give constant faults with --faults, or take the timeline and the windows out of it.',
    }
  }
  return undefined
}

function searchOf({ loads }: Plan, flags: CapacityFlags, probeSeconds: number): SearchPlan {
  const { load } = loads[0]!
  const kind = isOpen(load) ? 'rate' : 'users'
  const most = kind === 'rate' ? MOST_PER_SECOND : MOST_USERS
  const given = flags.start ?? peakOf(load)
  const max = flags.max ?? most
  const min = flags.min ?? Math.min(1, max)
  for (const [flag, value] of [
    ['--start', flags.start],
    ['--min', flags.min],
    ['--max', flags.max],
  ] as const) {
    if (value === undefined) continue
    if (kind === 'users' && !Number.isInteger(value))
      throw new InputError(`${flag}: expected a whole number of users, got ${value}`)
    if (value > most) throw new InputError(`${flag}: expected at most ${most}, got ${value}`)
  }
  if (min >= max) throw new InputError(`--min ${min} is not below --max ${max}`, 'Between them lies what is searched.')
  if (flags.start !== undefined && (given < min || given > max))
    throw new InputError(`--start ${given} is not between --min ${min} and --max ${max}`)
  const start = Math.max(min, Math.min(max, given))
  return { kind, start, min, max, precision: flags.precision, probeSeconds, mostProbes: flags.probes }
}

function unusable(what: string, lines: readonly string[]): InputError {
  return listedError(
    what,
    lines,
    'docs/finding-capacity.md shows objectives, docs/scenario-reference.md every field of a scenario.',
  )
}
