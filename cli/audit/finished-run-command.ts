import { Command } from 'commander'
import { auditExitCodesHelp } from '../../calibration/audit/exit-codes.ts'
import { defaultRun } from '../../contract/headers.ts'
import type { NetworkFlags } from '../../harness/plan/read-network.ts'
import { httpUrl, runName } from '../options/arguments.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { withNetworkOptions } from '../options/network-options.ts'
import { stopsOf } from '../process/stops.ts'
import { columnsHelp, namesIn, type ReportFlags, toolIn, withReportFlags } from './report/report-flags.ts'

interface FinishedRunFlags extends ReportFlags, NetworkFlags {
  url: string
  controlUrl?: string
  run: string
  out?: string
}

/** `loadcell audit report`. */
export function finishedRunCommand(version: string, interrupts: Interrupts): Command {
  const command = new Command('report')
    .description('Hold the report of a load test that is over against the ledger of the target, which still runs.')
    .argument('<file...>', 'files or folders with the tool’s report')
  return withNetworkOptions(withReportFlags(command))
    .option('--url <url>', 'URL of the target', httpUrl, 'http://127.0.0.1:8080')
    .option('--control-url <url>', 'URL of its control plane, if that has a port of its own', httpUrl)
    .option('--run <run>', 'run that the requests belonged to, by X-Loadcell-Run', runName, defaultRun)
    .option('--out <folder>', 'folder for audit.html and audit.json (default loadcell-results/audit-<time>)')
    .addHelpText(
      'after',
      `
Set ledger.records of the target to more than the number of requests, and ledger.details to true for a review of the script.
${columnsHelp}

Examples:
  loadcell audit report stats.json                                   the requests without a run header
  loadcell audit report --tool jmeter results.jtl --run nightly-7 --url http://127.0.0.1:8080
${auditExitCodesHelp}`,
    )
    .action(async (files: string[], flags: FinishedRunFlags) => {
      const stops = stopsOf(interrupts, () => process.exit())
      const { auditFinishedRun } = await import('./finished-run.ts')
      const { networkOf } = await import('../options/network.ts')
      process.exitCode = await auditFinishedRun(
        {
          files,
          tool: await toolIn(flags),
          names: namesIn(flags),
          target: { url: flags.url, controlUrl: flags.controlUrl, network: networkOf(flags), settings: {} },
          run: flags.run,
          out: flags.out,
          version,
        },
        stops,
      )
    })
}
