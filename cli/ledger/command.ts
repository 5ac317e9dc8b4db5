import { Command, InvalidArgumentError } from 'commander'
import { defaultRun } from '../../contract/headers.ts'
import { isTraceId } from '../../contract/trace.ts'
import { httpUrl, runName } from '../options/arguments.ts'
import type { LedgerFlags } from './ledger-printer.ts'

export function ledgerCommand(): Command {
  return new Command('ledger')
    .description('Print what truly happened in a run, as the target saw it.')
    .option('--run <run>', 'run, by the X-Loadcell-Run of its requests', runName, defaultRun)
    .option(
      '--url <url>',
      'URL of the target, or of its control plane if that has a port of its own',
      httpUrl,
      'http://127.0.0.1:8080',
    )
    .option('--token <token>', 'control.token of the target (or LOADCELL_CONTROL_TOKEN)')
    .option('--trace <id>', 'the records of one trace instead; needs the setting ledger.details', traceId)
    .option('--json', 'print the response of the target as JSON')
    .addHelpText(
      'after',
      `
Examples:
  loadcell ledger                                    the requests without a run header
  loadcell ledger --run nightly-7 --json             one run, for a program
  loadcell ledger --run nightly-7 --trace 4bf92f3577b34da6a3ce929d0e0e4736
The same is a page of the target: /_loadcell/ledger/page?run=`,
    )
    .action(async (flags: LedgerFlags) => {
      const { printLedger } = await import('./ledger-printer.ts')
      await printLedger(flags)
    })
}

function traceId(text: string): string {
  if (isTraceId(text)) return text
  throw new InvalidArgumentError(
    `expected the id of a trace, 32 hexadecimal digits in lower case, got ${JSON.stringify(text)}`,
  )
}
