import { Command, Option } from 'commander'
import { queueNames } from '../../calibration/capacity/queue-names.ts'
import { subjectNames } from '../../calibration/harness/subject.ts'
import { each, engineOption, oneOf, seed } from '../options/arguments.ts'
import type { CalibrateCapacityOptions } from './calibrate-capacity.ts'
import type { CalibrateFaultsOptions } from './calibrate-faults.ts'
import type { CalibrateHarnessOptions } from './calibrate-harness.ts'
import type { Interrupts } from '../process/interrupts.ts'

export function calibrateCommand(version: string, interrupts: Interrupts): Command {
  const command = new Command('calibrate').description('Check the bench itself in real runs.')
  command.addHelpText(
    'after',
    `
Examples:
  loadcell calibrate faults --short                  a quick check
  loadcell calibrate faults --write docs/calibration-of-faults.md
  loadcell calibrate capacity --short                the search for capacity, in simulated time
  loadcell calibrate harness --quick                 does the harness measure correctly? half a minute
  loadcell calibrate harness --subject latency       its clocks only
  loadcell calibrate harness --html certificate.html --json certificate.json

docs/calibration-of-faults.md and docs/calibration-of-harness.md hold the latest published tables.

Ctrl-C prints what is complete, writes to no file, and exits with 105. The second one ends it at once.`,
  )
  command.addCommand(
    calibration(
      'faults',
      'Compare every fault, distribution, preset and station with its configuration. Exits with 98 if anything differs.',
    )
      .option('--short', 'take about a minute instead of several, with wider intervals')
      .action(async (flags: CalibrateFaultsOptions) => {
        const { calibrateFaults } = await import('./calibrate-faults.ts')
        process.exitCode = await calibrateFaults(flags, version, interrupts)
      }),
  )
  command.addCommand(
    calibration(
      'capacity',
      'Compare searches for capacity with queues whose capacity is known: many in simulated time, and one each against a target. Exits with 98 if an error exceeds 5 %.',
    )
      .option('--short', 'take seconds instead of a quarter of an hour: in simulated time only')
      .addOption(chosen('queue', queueNames))
      .action(async (flags: CalibrateCapacityOptions) => {
        const { calibrateCapacity } = await import('./calibrate-capacity.ts')
        process.exitCode = await calibrateCapacity(flags, version, interrupts)
      }),
  )
  command.addCommand(
    calibration(
      'harness',
      'Compare what the harness measures with what was injected, planned, or follows from a formula, and check that planted defects are detected. Exits with 98 if anything differs.',
    )
      .option(
        '--quick',
        'take half a minute instead of several, with wider intervals; rows that a busy machine made invalid do not change the exit code',
      )
      .addOption(chosen('subject', subjectNames))
      .addOption(engineOption())
      .option(
        '--json <file>',
        'write the certificate as JSON (schemas/harness-calibration-1.json); the file must be new',
      )
      .option('--html <file>', 'write the certificate as one HTML file, which must be new')
      .action(async (flags: CalibrateHarnessOptions) => {
        const { calibrateHarness } = await import('./calibrate-harness.ts')
        process.exitCode = await calibrateHarness(flags, version, interrupts)
      }),
  )
  return command
}

/** Returns a calibration with the options that all have. Its action loads the rest, only when it is needed. */
function calibration(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--seed <number>', 'seed of the target and the load', seed, 1)
    .option('--write <file>', 'put the tables between the markers of this Markdown file')
}

/** Returns the option that limits a calibration to some of its parts. */
function chosen(part: string, names: readonly string[]): Option {
  const description = `check this ${part} only: ${names.join(', ')}; may be repeated`
  return new Option(`--${part} <name>`, description).argParser(each(oneOf(names))).default([])
}
