import { Command } from 'commander'
import { integer, keyValue, seed } from '../arguments.ts'
import type { Interrupts } from '../interrupts.ts'
import type { LabFlags } from './run-lab.ts'

/** Seed of a run that nobody chose one for: a class without a teacher's seed compares its runs too. */
const DEFAULT_SEED = 1

export function labCommand(version: string, interrupts: Interrupts): Command {
  const command = new Command('lab')
    .description(
      'Learn load testing by predicting: a lab explains, asks for a number, runs a load, and shows all three together.',
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
    .addHelpText(
      'after',
      `
Examples:
  loadcell lab                                   the labs, in the order of a course
  loadcell lab little                            asks, runs, and explains
  loadcell lab little --predict present=10 --set rate=80 --answer 2    without a terminal
  loadcell lab grade loadcell-labs/*.json        a table for the teacher

A lab starts a target of its own. It takes about half a minute, and your answers go to a worksheet.
Where there is no terminal, it asks nothing.

Exit codes:
  0    the lab was run, whatever the answers
  104  an option cannot be used
  105  interrupted; nothing was written`,
    )
    .action(async (name: string | undefined, flags: LabFlags) => {
      if (name === undefined) {
        const { labListing } = await import('./lab-listing.ts')
        process.stdout.write(`${labListing()}\n`)
        return
      }
      // Loaded only when it is needed.
      const { runLab } = await import('./run-lab.ts')
      await runLab(name, flags, version, interrupts)
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
