import { Command, InvalidArgumentError, Option } from 'commander'
import { each, engineOption, hostUrl, httpUrl, integer, keyValue, percentage, seed, variable } from '../arguments.ts'
import type { Interrupts } from '../interrupts.ts'
import { networkHelp } from '../network-options.ts'
import { readyScenarios } from '../scenario-file.ts'
import type { CapacityFlags } from './search.ts'

const MOST_PROBES = 1000

export function capacityCommand(version: string, interrupts: Interrupts): Command {
  return new Command('capacity')
    .description('Find the highest load that meets an objective: probes at constant loads, an answer with an interval.')
    .argument('<scenario>', `a scenario file, or one of: ${readyScenarios().join(', ')}`)
    .option(
      '--slo <conditions>',
      "conditions in the syntax of thresholds, separated by commas, e.g. 'http_req_duration p(95)<200, http_req_failed rate<0.01'; may be repeated",
      each(String),
      [],
    )
    .option('--target <url>', 'URL of a running target (default: an embedded one for this search)', httpUrl)
    .option('--control-url <url>', 'URL of the control plane of that target, if it has a port of its own', httpUrl)
    .option('--target-set <key=value>', 'set a key of the embedded target; may be repeated', keyValue, {})
    .option('--var <name=value>', 'set a variable of the scenario; may be repeated', variable, {})
    .option('--host <name=url>', 'URL of a host that the scenario declares; may be repeated', hostUrl, {})
    .option(
      '--identify',
      'send x-loadcell-run and x-loadcell-exchange to a target that is not recognised as Loadcell’s',
    )
    .option(
      '--faults <preset or file>',
      'faults during every probe instead of those of the scenario; may be repeated',
      each(String),
      [],
    )
    .option('--only <load>', 'probe this one of the loads of the scenario', each(String), [])
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
    .option('--warmup <duration>', 'warm-up before the first probe (default: that of the scenario)')
    .option('--seed <number>', 'seed of payloads and arrivals', seed)
    .option(
      '--out <folder>',
      'folder for capacity.html and capacity.json (default loadcell-results/<scenario>-capacity-<time>)',
    )
    .addOption(engineOption())
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

/** @throws InvalidArgumentError */
function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError(`expected a number above 0, got ${JSON.stringify(text)}`)
}
