import { Command } from 'commander'
import { didYouMean } from '../../core/nearest.ts'
import type { CtlFlags, ScaleFlags } from './ctl-actions.ts'
import { exitCodes } from '../../harness/results/exit-codes.ts'
import { amount } from '../options/arguments.ts'
import { InputError } from '../process/input-error.ts'

/** Loaded only when it is needed. */
const actions = () => import('./ctl-actions.ts')

export function ctlCommand(): Command {
  const command = new Command('ctl')
    .description(
      'Control runs of this user while they go on: pause, resume, scale, stop. Without a command, list them.',
    )
    .option('--json', 'print JSON')
    // Options behind a command are its own.
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
RUN is the id of a run, the beginning of one, or its scenario. It may be left out while only one run goes on.
A command that changes a run needs it too if the run was started in another folder.

Examples:
  loadcell ctl                              the runs that go on now
  loadcell ctl status                       what the only one does
  loadcell ctl pause                        no iteration begins from now on; those that have begun go on
  loadcell ctl resume                       the schedule goes on where it was paused, and ends later by the pause
  loadcell ctl scale --rate 200             200 iterations per time unit from now on
  loadcell ctl scale --users 50 shop        50 users in the run of shop
  loadcell ctl scale --factor 0.5 --load sale   half of what was planned, in one of several loads
  loadcell ctl stop shop-1f                 end gracefully, with a report; abort ends at once

Each change is marked in the report of the run. docs/live-control.md says what it means for each kind of load.

Exit codes:
  ${exitCodes.ok}    the command was accepted
  ${exitCodes.targetUnreachable}   no run goes on, or the run does not answer
  ${exitCodes.badInput}  the command was refused, or it is not clear for which run it is`,
    )
    .allowExcessArguments()
    .action(async (flags: CtlFlags, { args: [unknown], commands }: Command) => {
      if (unknown === undefined) return (await actions()).list(flags)
      const names = commands.map(each => each.name())
      throw new InputError(
        `there is no command ${JSON.stringify(unknown)}${didYouMean(unknown, names)}`,
        `There are ${names.join(', ')}.`,
      )
    })
  command.addCommand(
    runCommandOf('status', 'Say what a run does, load by load.').action(
      async (run: string | undefined, flags: CtlFlags) => (await actions()).status(run, flags),
    ),
  )
  for (const [kind, description] of [
    ['pause', 'Begin no iterations until the run is resumed. Those that have begun go on.'],
    ['resume', 'Go on with the schedule where it was paused.'],
  ] as const) {
    command.addCommand(
      runCommandOf(kind, description)
        .option('--load <name>', 'only this one of several loads')
        .action(async (run: string | undefined, flags: CtlFlags & { load?: string }) =>
          (await actions()).give(run, { kind, ...(flags.load !== undefined && { load: flags.load }) }, flags),
        ),
    )
  }
  command.addCommand(
    runCommandOf(
      'scale',
      'Change the number of users or the rate from now on. Give one of --users, --rate and --factor.',
    )
      .option('--users <number>', 'number of users, for closed models without stages', amount)
      .option('--rate <number>', 'iterations per time unit, for open models without stages', amount)
      .option('--factor <number>', 'a multiple of the plan, for all loads; 1 is the plan again', amount)
      .option('--load <name>', 'only this one of several loads')
      .action(async (run: string | undefined, flags: ScaleFlags) => (await actions()).scale(run, flags)),
  )
  for (const [kind, description] of [
    ['stop', 'End a run gracefully: iterations that have begun may finish, and the report is written.'],
    ['abort', 'End a run at once: iterations that have begun are interrupted, and the report is written.'],
  ] as const) {
    command.addCommand(
      runCommandOf(kind, description).action(async (run: string | undefined, flags: CtlFlags) =>
        (await actions()).give(run, { kind }, flags),
      ),
    )
  }
  return command
}

function runCommandOf(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .argument('[run]', 'id of a run, the beginning of one, or its scenario')
    .option('--json', 'print JSON')
}
