import { Command, InvalidArgumentError } from 'commander'
import { seed } from './arguments.ts'
import type { CompareFlags } from './compare-results.ts'

export function compareCommand(): Command {
  return new Command('compare')
    .description('Compare the results of runs: is the new side slower, by how much, and how sure is that?')
    .argument('<results...>', 'result.json, or the folder, of each base run')
    .requiredOption('--with <results...>', 'result.json, or the folder, of each new run')
    .option('--tolerance <percent>', 'largest change of a time or rate that does not matter', percentage, 0.05)
    .option('--seed <number>', 'seed of the resampling', seed, 1)
    .option('--markdown', 'print Markdown, for a comment on a pull request')
    .option('--json', 'print JSON')
    .option('--force', 'compare runs although their conditions differ or they are incomplete or invalid')
    .addHelpText(
      'after',
      `
Examples:
  loadcell compare base/*/result.json --with new/*/result.json
  loadcell compare base-1 base-2 base-3 --with new-1 new-2 new-3 --markdown > comment.md

Repeated runs are the sample: give at least three of each side, better five, in turn (base, new, base, new …).
docs/comparing-runs.md explains the statistics.

Exit codes:
  0    nothing got worse, as far as these runs show
  99   something got worse
  104  a result or an option cannot be used, or the runs cannot be compared`,
    )
    .action(async (base: string[], flags: CompareFlags) => {
      // Loaded only when it is needed.
      const { compareResults } = await import('./compare-results.ts')
      process.exitCode = compareResults(base, flags)
    })
}

/** Reads `5%` or `5` as 0.05. @throws InvalidArgumentError */
function percentage(text: string): number {
  const value = Number(text.replace(/\s*%$/, ''))
  if (/\d/.test(text) && value > 0 && value <= 1000) return value / 100
  throw new InvalidArgumentError(`expected a percentage above 0 such as 5%, got ${JSON.stringify(text)}`)
}
