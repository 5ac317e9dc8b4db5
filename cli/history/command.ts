import { Command } from 'commander'
import { integer, seed } from '../options/arguments.ts'
import type { HistoryFlags } from './history-results.ts'

const MOST_RUNS = 1000

export function historyCommand(): Command {
  return new Command('history')
    .description(
      'Show each statistic over the runs in a folder, from the oldest to the newest, and mark where it changed.',
    )
    .argument('<results...>', 'folders that are searched for result.json, or single files')
    .option('--last <number>', 'number of runs under the same conditions: the newest', integer(2, MOST_RUNS), 200)
    .option('--html <file>', 'write a page with a chart for each statistic; the file must be new')
    .option('--json', 'print JSON')
    .option('--force', 'include runs that are incomplete or invalid')
    .option('--seed <number>', 'seed of the random orders that changes are compared with', seed, 1)
    .addHelpText(
      'after',
      `
Examples:
  loadcell history loadcell-results
  loadcell history nightly --last 90 --html history.html
  loadcell history main/*/result.json --json | jq '.groups[0].trends[] | select(.state == "worse")'

Runs are in order of their start. Those under different conditions (scenario, load, machine, versions …) are in different groups.
Results that cannot be used are left out, with the reason. From 8 runs on, changes can be told from chance; 20 are better.
docs/comparing-runs.md explains the statistics.

Exit codes:
  0    the trends were shown, whatever they are
  104  a file or an option cannot be used, or there is no result that can`,
    )
    .action(async (paths: string[], flags: HistoryFlags) => {
      // Loaded only when it is needed.
      const { history } = await import('./history-results.ts')
      process.exitCode = history(paths, flags)
    })
}
