import { Command, InvalidArgumentError } from 'commander'

interface CalibrateFlags {
  seed: number
  short?: true
  write?: string
}

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
      .action(async (flags: CalibrateFlags) => {
        // Loaded when it is needed: other commands do without it.
        const { calibrateFaults } = await import('./calibrate-faults.ts')
        process.exitCode = await calibrateFaults(flags, version)
      }),
  )
  return command
}

function seed(text: string): number {
  const value = Number(text)
  if (/\d/.test(text) && Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return value
  throw new InvalidArgumentError(`expected an integer 0…4294967295, got ${JSON.stringify(text)}`)
}
