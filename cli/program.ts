import { Command, Help, type Option } from 'commander'
import { auditCommand } from './audit/command.ts'
import { calibrateCommand } from './calibrate/command.ts'
import { capacityCommand } from './capacity/command.ts'
import { compareCommand } from './compare/command.ts'
import { ctlCommand } from './ctl/command.ts'
import { exitCodesHelp } from '../harness/results/exit-codes.ts'
import { historyCommand } from './history/command.ts'
import { faultsCommand } from './faults/command.ts'
import { initCommand } from './init/command.ts'
import { tellError } from './process/tell-error.ts'
import type { Interrupts } from './process/interrupts.ts'
import { labCommand } from './lab/command.ts'
import { ledgerCommand } from './ledger/command.ts'
import { withNetworkOptions } from './options/network-options.ts'
import { runCommand } from './run/command.ts'
import { scenariosCommand } from './scenarios/command.ts'
import { workerCommand } from './run/cluster/worker-command.ts'
import { targetCommand } from './target/command.ts'
import { version } from './process/version.ts'

/** Printed without a command. */
const FIRST_STEPS = `Loadcell: a load-testing bench with both ends known.

Try first:
  loadcell run mixed-streaming     half a minute of load against a target that it starts itself: progress, a verdict, an HTML report
  loadcell scenarios               more ready scenarios, each with its lesson
  loadcell init                    a first scenario of your own
  loadcell worker --cluster nats://10.0.0.5:4222     one of many machines that share the load of a run
  loadcell target --port 8080      a target for k6, Locust, Artillery or anything else

See loadcell --help for all commands, and loadcell <command> --help for examples.
`

/** Runs the command line. It never rejects: an error is printed on stderr and decides the exit code. */
export async function main(interrupts: Interrupts): Promise<void> {
  surviveClosedOutput()
  try {
    await parse(interrupts)
  } catch (error) {
    process.exitCode = tellError(error)
  }
}

/** Keeps a run alive whose stdout is closed by its reader (`| head`) or on a full disk, because its report is still to be written. */
function surviveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  process.stdout.once('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.stderr.write(`loadcell: stdout cannot be written to: ${message}\n`)
  })
}

async function parse(interrupts: Interrupts): Promise<void> {
  if (process.argv.length === 2) process.stdout.write(FIRST_STEPS)
  else await createProgram(interrupts).parseAsync()
}

/** Returns the command line with all of its commands. */
export function createProgram(interrupts: Interrupts): Command {
  const program = new Command('loadcell')
    .description(
      'A load-testing bench with both ends known: a reference target that keeps a ledger, and a harness that is checked against it.',
    )
    .version(version())
    .showHelpAfterError('(--help lists the commands and options)')
    .exitOverride()
    // Options behind a command are its own, also those that the command around it has too.
    .enablePositionalOptions()
    .addHelpText(
      'after',
      `
Examples:
  loadcell init --from openapi.json             a first scenario, from an OpenAPI document or a recording
  loadcell run mixed-streaming                 the embedded target under a mixed load
  loadcell run my-scenario.ts --target http://127.0.0.1:8080 --vus 50 --duration 2m
  loadcell compare base/* --with new/*         is the new side slower, and how sure is that?
  loadcell history nightly                     what changed in the course of time, and when?
  loadcell capacity shop --slo 'http_req_duration p(95)<200'     how much load is too much?
  loadcell ctl pause                           control a run while it goes on
  loadcell faults apply brownout --ttl 5m      slow a running target down for a while
  loadcell target --port 8080                  a target for k6, Locust, Artillery or anything else
${exitCodesHelp}`,
    )
  program.addCommand(initCommand(version()))
  program.addCommand(withNetworkOptions(runCommand(version(), interrupts)))
  program.addCommand(scenariosCommand())
  program.addCommand(ctlCommand())
  program.addCommand(workerCommand(version(), interrupts))
  program.addCommand(labCommand(version(), interrupts))
  program.addCommand(targetCommand(version(), interrupts))
  program.addCommand(withNetworkOptions(auditCommand(version(), interrupts)))
  program.addCommand(withNetworkOptions(ledgerCommand()))
  program.addCommand(withNetworkOptions(compareCommand(interrupts)))
  program.addCommand(historyCommand())
  program.addCommand(withNetworkOptions(capacityCommand(version(), interrupts)))
  program.addCommand(faultsCommand())
  program.addCommand(calibrateCommand(version(), interrupts))
  for (const command of program.commands.flatMap(each => [each, ...each.commands])) {
    command
      .exitOverride()
      .showHelpAfterError('(--help lists the commands and options)')
      .configureHelp({ optionDescription })
  }
  return program
}

/** Returns the description of an option, without an empty default. */
function optionDescription(option: Option): string {
  const nothing = ['[]', '{}'].includes(JSON.stringify(option.defaultValue))
  return nothing ? option.description : new Help().optionDescription(option)
}
