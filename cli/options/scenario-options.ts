import type { Command } from 'commander'
import type { EngineName } from '../../harness/client/engine/engine-names.ts'
import type { NetworkFlags } from '../../harness/plan/read-network.ts'
import { each, engineOption, httpVersionOption, hostUrl, httpUrl, keyValue, seed, variable } from './arguments.ts'
import type { ChosenTarget } from './target-flags.ts'

/** Flags of every command that runs a scenario in this process: its target, and what is given to the scenario. */
export interface ScenarioFlags extends NetworkFlags, ChosenTarget {
  var: Record<string, string>
  host: Record<string, string>
  identify?: true
  faults: string[]
  only: string[]
  warmup?: string
  seed?: number
  engine?: EngineName
}

/** Adds these options to a command. @param words what `--faults` and `--only` do there */
export function withScenarioOptions(command: Command, words: { faults: string; only: string }): Command {
  return command
    .option(
      '--target <url>',
      'URL of the server to load (default: the embedded target, a reference target in a process of its own)',
      httpUrl,
    )
    .option('--control-url <url>', 'URL of its control plane, if that has a port of its own (control.port)', httpUrl)
    .option(
      '--target-set <key=value>',
      'set a configuration key of the embedded target, e.g. --target-set auth.tokenTtl=2s; may be repeated',
      keyValue,
      {},
    )
    .option(
      '--host <name=url>',
      'URL of a host that the scenario declares, e.g. --host api=http://127.0.0.1:4000; may be repeated',
      hostUrl,
      {},
    )
    .option(
      '--identify',
      'send x-loadcell-run and x-loadcell-exchange to a target that is not recognised as Loadcell’s',
    )
    .option('--faults <preset or file>', words.faults, each(String), [])
    .option(
      '--var <name=value>',
      'set a variable of the scenario, e.g. --var region=us; may be repeated; LOADCELL_VAR_region=us does the same',
      variable,
      {},
    )
    .option('--only <load>', words.only, each(String), [])
    .option(
      '--warmup <duration>',
      'length of the warm-up, which is left out of the numbers (default: that of the scenario, or 3s; 0 for none)',
    )
    .option('--seed <number>', 'repeat payloads, arrivals and think times of an earlier run', seed)
    .addOption(engineOption())
    .addOption(httpVersionOption())
}
