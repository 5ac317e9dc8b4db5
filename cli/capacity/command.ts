import { Command, Option } from 'commander'
import { each, integer, percentage, positive } from '../options/arguments.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { networkHelp } from '../options/network-options.ts'
import { readyScenarios } from '../loading/ready-scenarios.ts'
import { withScenarioOptions } from '../options/scenario-options.ts'
import type { CapacityFlags } from './search.ts'

const MOST_PROBES = 1000

export function capacityCommand(version: string, interrupts: Interrupts): Command {
  const command = new Command('capacity')
    .description('Find the highest load that meets an objective: probes at constant loads, an answer with an interval.')
    .argument('<scenario>', `a scenario file, or one of: ${readyScenarios().join(', ')}`)
  return withScenarioOptions(command, {
    faults: 'faults during every probe instead of those of the scenario; may be repeated',
    only: 'probe this one of the loads of the scenario',
  })
    .option(
      '--slo <conditions>',
      "conditions in the syntax of thresholds, separated by commas, e.g. 'http_req_duration p(95)<200, http_req_failed rate<0.01'; may be repeated",
      each(String),
      [],
    )
    .option(
      '--start <load>',
      'load of the first probe: users, or iterations per second (default: the peak of the scenario)',
      positive,
    )
    .option('--min <load>', 'lowest load to probe (default 1 user, or 1 iteration per second)', positive)
    .option('--max <load>', 'highest load to probe (default: what a generator can be asked for)', positive)
    .addOption(
      new Option('--precision <percent>', 'half the width of the interval at which the search ends')
        .argParser(percentage(0.5, 50))
        .default(0.05, '5%'),
    )
    .option('--probe <duration>', 'measured time of a probe, at least 2s', '10s')
    .option('--time <duration>', 'time for the whole search', '15m')
    .option('--probes <number>', 'most probes', integer(2, MOST_PROBES), 40)
    .option(
      '--out <folder>',
      'folder for capacity.html and capacity.json (default loadcell-results/<scenario>-capacity-<time>)',
    )
    .option('--quiet', 'print the summary only, without a line for each probe')
    .addHelpText(
      'after',
      `
Examples:
  loadcell capacity shop --slo 'http_req_duration p(95)<200, http_req_failed rate<0.01'
  loadcell capacity order-producer --slo 'http_req_duration p(99)<100' --target http://127.0.0.1:8080 --time 5m
  loadcell capacity my-scenario.ts --slo 'http_req_duration{name:/orders} p(95)<50' --start 200 --precision 2%

The shape of the scenario's load is replaced by constant loads: users for closed models, rates for open ones.
${networkHelp}
Ctrl-C reports what is known so far. docs/finding-capacity.md explains the method.

Exit codes:
  0    the capacity was found, or every load up to --max meets the objective
  97   the target could not be reached, or was lost during a probe
  98   no answer: the generator was the bottleneck, or time or probes were spent too early
  99   no load down to --min meets the objective
  104  the scenario, the objective or an option cannot be used
  105  interrupted (what is known is reported)`,
    )
    .action(async (scenario: string, flags: CapacityFlags) => {
      // Loaded only when it is needed.
      const { findCapacity } = await import('./search.ts')
      await findCapacity(scenario, flags, version, interrupts)
    })
}
