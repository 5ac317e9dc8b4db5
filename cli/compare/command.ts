import { Command, Option } from 'commander'
import { engineOption, httpUrl, integer, percentage, seed } from '../options/arguments.ts'
import type { Interrupts } from '../process/interrupts.ts'
import type { CompareFlags } from './compare-results.ts'

const MOST_ROUNDS = 500

export function compareCommand(interrupts: Interrupts): Command {
  return new Command('compare')
    .description('Compare the results of runs: is the new side slower, by how much, and how sure is that?')
    .argument('[results...]', 'result.json, or the folder, of each base run')
    .option('--with <results...>', 'result.json, or the folder, of each new run')
    .option('--ab <scenario>', 'instead: run a scenario against --a and --b in turn, and compare b with a')
    .option(
      '--aa <scenario>',
      'instead: run a scenario against one target in turn, which shows the noise of this machine',
    )
    .option('--a <url>', 'URL of the base target (default for --aa: an embedded target for each run)', httpUrl)
    .option('--b <url>', 'URL of the new target', httpUrl)
    .option('--rounds <number>', 'number of runs of each side for --ab and --aa', integer(2, MOST_ROUNDS), 5)
    .option('--duration <duration>', 'length of each of these runs, e.g. 30s')
    .addOption(engineOption('engine of these runs'))
    .option('--out <folder>', 'folder for these runs (default loadcell-results/<scenario>-rounds-<time>)')
    .addOption(
      new Option('--tolerance <percent>', 'largest change of a time or rate that does not matter')
        .argParser(percentage(0.01, 1000))
        .default(0.05, '5%'),
    )
    .option('--seed <number>', 'seed of the resampling, and of the first round of --ab and --aa', seed, 1)
    .option('--html <file>', 'write a page with both sides laid over each other; the file must be new')
    .option('--markdown', 'print Markdown, for a comment on a pull request')
    .option('--json', 'print JSON')
    .option('--force', 'compare runs although their conditions differ or they are incomplete or invalid')
    .addHelpText(
      'after',
      `
Examples:
  loadcell compare base/*/result.json --with new/*/result.json
  loadcell compare base-1 base-2 base-3 --with new-1 new-2 new-3 --markdown > comment.md
  loadcell compare base/* --with new/* --html comparison.html
  loadcell compare --ab browse --a http://127.0.0.1:3000 --b http://127.0.0.1:3001 --rounds 9
  loadcell compare --aa browse --rounds 9            what can this machine tell apart?

--ab and --aa write comparison.html and comparison.json beside their runs.
Repeated runs are the sample: give at least three of each side, better five, in turn (base, new, base, new …).
docs/comparing-runs.md explains the statistics.

Exit codes:
  0    nothing got worse, as far as these runs show
  99   something got worse
  104  a result or an option cannot be used, or the runs cannot be compared,
       or no statistic is in all of them
  With --ab and --aa, also 98 if a run is invalid, and those of a run that could not be completed (97, 105).`,
    )
    .action(async (base: string[], flags: CompareFlags) => {
      // Loaded only when it is needed.
      const { compare } = await import('./compare-results.ts')
      process.exitCode = await compare(base, flags, interrupts)
    })
}
