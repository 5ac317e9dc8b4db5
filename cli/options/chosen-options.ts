import { dirname } from 'node:path'
import { freshSeed } from '../../core/random.ts'
import { givenVariables } from '../../harness/scenario/given-variables.ts'
import { readPlan } from './faults-plan.ts'
import type { ScenarioFlags } from './scenario-options.ts'

/** Returns the part of a plan's options that these flags decide. @param path that of the scenario's file */
export function scenarioOptionsOf(flags: ScenarioFlags, path: string) {
  return {
    seed: flags.seed ?? freshSeed(),
    variables: givenVariables.list(),
    warmup: flags.warmup,
    engine: flags.engine,
    only: flags.only,
    network: { flags, folder: dirname(path), env: process.env },
    hosts: flags.host,
    ...(flags.identify && { identify: true as const }),
    ...(flags.faults.length > 0 && { faults: { sources: flags.faults, faults: readPlan(flags.faults) } }),
  }
}
