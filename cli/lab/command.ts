import { Command } from 'commander'
import { isPipeline } from '../../core/pipeline.ts'
import { integer, keyValue, seed } from '../options/arguments.ts'
import type { Interrupts } from '../process/interrupts.ts'
import type { LabFlags } from './lab-flags.ts'

/** Seed of a run that nobody chose one for: a class without a teacher's seed compares its runs too. */
const DEFAULT_SEED = 1

export function labCommand(version: string, interrupts: Interrupts): Command {
  const command = new Command('lab')
    .description(
      'Learn load testing by predicting: a lab explains, asks for a number or a curve, runs a load, and shows all together.',
    )
    .argument('[lab]', 'name of a lab; without one, the labs are listed')
    .option('--predict <measure=value>', 'a prediction, instead of being asked for it; may be repeated', keyValue, {})
    .option('--set <setting=value>', 'a setting of the lab, e.g. --set rate=80; may be repeated', keyValue, {})
    .option('--answer <number>', 'the number of an answer to the question, instead of being asked', integer(1, 9))
    .option('--learner <name>', 'name on the worksheet (default: the user of this machine)')
    .option(
      '--seed <number>',
      'seed of the run; with the same seed, a whole class has the same run',
      seed,
      DEFAULT_SEED,
    )
    .option(
      '--file <file>',
      'file for the worksheet; it must be new (default: loadcell-labs/<lab>.json, or a number after its name)',
    )
    .option('--ui', 'a page in the browser; without a lab, the list of the labs')
    .option(
      '--no-ui',
      'the terminal (default: a page if a person sits at a terminal and gives no --predict or --answer)',
    )
    .option('--port <port>', 'port of the page on 127.0.0.1 (default: a free one)', integer(1, 65_535))
    .addHelpText(
      'after',
      `
Examples:
  loadcell lab                                   the labs, in the order of a course
  loadcell lab little                            a page that asks, runs, and explains
  loadcell lab little --no-ui                    the same in the terminal
  loadcell lab --ui                              all labs on a page, with your progress
  loadcell lab little --predict present=10 --set rate=80 --answer 2    without a terminal
  loadcell lab grade loadcell-labs/*.json        a table for the teacher

A lab starts a target of its own. It takes about half a minute, and your answers go to a worksheet.
The page can be reached from this machine only. It stays until Ctrl-C, and each run is in the worksheet at once.
Where there is no terminal, and in CI, a lab is no page and asks nothing.

Exit codes:
  0    the lab was run, whatever the answers; or its page was ended by Ctrl-C
  104  an option cannot be used
  105  interrupted; nothing was written`,
    )
    .action(async (name: string | undefined, flags: LabFlags) => {
      // Loaded only when they are needed.
      const { wantsPage } = await import('./lab-flags.ts')
      const isTerminal = process.stdin.isTTY && process.stdout.isTTY
      if (wantsPage(name, flags, { isTerminal, isPipeline: isPipeline(process.env) })) {
        const { serveLabs } = await import('./serve-labs.ts')
        await serveLabs(name, flags, version, interrupts)
      } else if (name === undefined) {
        const { listingLines } = await import('./lab-lines.ts')
        process.stdout.write(`${listingLines(flags.learner).join('\n')}\n`)
      } else {
        const { runLab } = await import('./run-lab.ts')
        await runLab(name, flags, version, interrupts)
      }
    })
  command.addCommand(
    new Command('grade')
      .description('Show the worksheets of a class as a table.')
      .argument('<worksheets...>', 'files that labs wrote')
      .option('--json', 'print JSON')
      .action(async (files: string[], { json = false }: { json?: boolean }) => {
        const { gradeWorksheets } = await import('./grade-worksheets.ts')
        gradeWorksheets(files, json)
      }),
  )
  return command
}
