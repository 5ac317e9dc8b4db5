import { Command } from 'commander'
import { seed } from './arguments.ts'
import type { CalibrateFaultsOptions } from './calibrate-faults.ts'

export function calibrateCommand(version: string): Command {
  const command = new Command('calibrate').description('Check the bench itself in real runs.')
  command.addHelpText(
    'after',
    `
Examples:
  loadcell calibrate faults --short                  a quick check
  loadcell calibrate faults --write docs/calibration-of-faults.md

docs/calibration-of-faults.md holds the latest published table.`,
  )
  command.addCommand(
    new Command('faults')
      .description(
        'Compare every fault, distribution, preset and station with its configuration. Exits with 98 if anything differs.',
      )
      .option('--seed <number>', 'seed of the target and the load', seed, 1)
      .option('--short', 'take about a minute instead of several, with wider intervals')
      .option('--write <file>', 'put the table between the markers of this Markdown file')
      .action(async (flags: CalibrateFaultsOptions) => {
        // Loaded only when it is needed.
        const { calibrateFaults } = await import('./calibrate-faults.ts')
        process.exitCode = await calibrateFaults(flags, version)
      }),
  )
  return command
}
