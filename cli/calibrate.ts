import { Command } from 'commander'
import { seed } from './arguments.ts'
import type { CalibrateFaultsOptions } from './calibrate-faults.ts'

export function calibrateCommand(version: string): Command {
  const command = new Command('calibrate').description('Compare the bench itself with what it promises, in real runs.')
  command.addHelpText(
    'after',
    `
Examples:
  loadcell calibrate faults --short                  a quick look
  loadcell calibrate faults --write docs/calibration-of-faults.md

docs/calibration-of-faults.md is the last table that was kept.`,
  )
  command.addCommand(
    new Command('faults')
      .description(
        'Every fault, distribution, preset and station: configured against observed; exits with 98 when anything is off.',
      )
      .option('--seed <number>', 'of the target and of the load', seed, 1)
      .option('--short', 'a minute instead of some minutes, with wider intervals')
      .option('--write <file>', 'put the table between the markers of this Markdown file')
      .action(async (flags: CalibrateFaultsOptions) => {
        // Loaded only when it is needed.
        const { calibrateFaults } = await import('./calibrate-faults.ts')
        process.exitCode = await calibrateFaults(flags, version)
      }),
  )
  return command
}
