import { Command, InvalidArgumentError, Option } from 'commander'
import { auditExitCodesHelp } from '../../calibration/audit/exit-codes.ts'
import { defaultRun } from '../../contract/headers.ts'
import { parseDuration } from '../../core/duration.ts'
import { each, httpUrl, keyValue, runName } from '../options/arguments.ts'
import type { NetworkFlags } from '../../harness/plan/read-network.ts'
import { InputError } from '../process/input-error.ts'
import type { Interrupts } from '../process/interrupts.ts'
import { stopsOf } from '../process/stops.ts'
import { checkControlUrl } from '../options/target-flags.ts'
import { finishedRunCommand } from './finished-run-command.ts'
import type { AuditOptions } from './run-audit.ts'
import { columnsHelp, namesIn, type ReportFlags, toolIn, withReportFlags } from './report/report-flags.ts'

interface AuditFlags extends ReportFlags, NetworkFlags {
  report: string[]
  url?: string
  controlUrl?: string
  run: string
  targetSet: Record<string, string>
  config?: string
  faults: string[]
  probe?: true
  mutate?: true
  mutationTime?: number
  requireNoticed?: number
  seed?: number
  timeout: number
  out?: string
  quiet?: true
}

export function auditCommand(version: string, interrupts: Interrupts): Command {
  // Options behind `report` are its own, also those of the same name.
  const command = new Command('audit')
    .description('Run a load test of any tool against the target, and hold its report against what truly happened.')
    .usage('[options] -- <command…>\n       loadcell audit report [options] <file…>')
    .argument('[command...]', 'the command that runs the load test, behind --')
    .enablePositionalOptions()
  return withReportFlags(command)
    .option(
      '--report <file>',
      'file or folder with the tool’s report (default: the audit asks the tool for one); may be repeated',
      each(String),
      [],
    )
    .option('--url <url>', 'URL of a target that runs already (default: one of the audit’s own)', httpUrl)
    .option('--control-url <url>', 'URL of its control plane, if that has a port of its own', httpUrl)
    .option('--run <run>', 'run that the command’s requests belong to, by X-Loadcell-Run', runName, defaultRun)
    .option(
      '--target-set <key=value>',
      'set a configuration key of the audit’s own target; may be repeated',
      keyValue,
      {},
    )
    .option('--config <file>', 'YAML or JSON file with the configuration of the audit’s own target')
    .option('--faults <preset or file>', 'faults of the target during the audit; may be repeated', each(String), [])
    .option(
      '--probe',
      'make all responses late by one second, for one second in mid-run, to see whether requests wait for responses',
    )
    .option(
      '--mutate',
      'run the command again, briefly, while the service is broken in one way after another, to see whether it notices',
    )
    .option(
      '--mutation-time <duration>',
      'length of each of these runs, which ends the command (default 10s)',
      duration,
    )
    .option('--require-noticed <number>', 'mutations that must be noticed (default: all)', count)
    .option('--seed <number>', 'which requests the mutations affect (default 1)', count)
    .addOption(
      new Option('--timeout <duration>', 'stop a command that runs longer').argParser(duration).default(600_000, '10m'),
    )
    .option('--out <folder>', 'folder for audit.html and audit.json (default loadcell-results/audit-<time>)')
    .option('--quiet', 'print the result only, without the command’s output and progress')
    .addHelpText(
      'after',
      `
{target}, {host}, {port} and {ws} in the command stand for the target's address. LOADCELL_TARGET and LOADCELL_WS
hold it too. A host flag that the tool has of its own is added where it is missing.
${columnsHelp}

Examples:
  loadcell audit -- locust -f locustfile.py --headless -u 20 -r 20 -t 1m
  loadcell audit --faults brownout -- artillery run script.yml
  loadcell audit --probe -- wrk -c 20 -d 30s --latency {target}/api/v1/products
  loadcell audit --mutate --require-noticed 8 -- artillery run script.yml
  loadcell audit --tool locust --report stats.json -- ./run.sh
  loadcell audit report --help                       a run that is over
${auditExitCodesHelp}`,
    )
    .addCommand(finishedRunCommand(version, interrupts))
    .action(async ([program, ...args]: string[], flags: AuditFlags) => {
      if (program === undefined) {
        throw new InputError(
          'audit needs a command',
          'For example: loadcell audit -- locust -f locustfile.py --headless',
        )
      }
      checkControlUrl(flags.controlUrl, flags.url, '--url')
      if (flags.url !== undefined) assertOwnTarget(flags)
      if (flags.columns !== undefined && flags.report.length === 0)
        throw new InputError('--columns needs a file to read', 'Name it with --report.')
      const mutations = mutationsOf(flags)
      const stops = stopsOf(interrupts, () => process.exit())
      const { runAudit } = await import('./run-audit.ts')
      const { networkOf } = await import('../options/network.ts')
      process.exitCode = await runAudit(
        {
          program,
          args,
          tool: await toolIn(flags),
          reportFiles: flags.report,
          names: namesIn(flags),
          target: {
            url: flags.url,
            controlUrl: flags.controlUrl,
            network: networkOf(flags),
            settings: flags.targetSet,
            config: flags.config,
          },
          run: flags.run,
          faults: flags.faults,
          probes: flags.probe ?? false,
          mutations,
          timeoutMs: flags.timeout,
          out: flags.out,
          quiet: flags.quiet ?? false,
          version,
        },
        stops,
      )
    })
}

/** @throws InputError for flags of the audit's own target. */
function assertOwnTarget({ targetSet, config }: AuditFlags): void {
  const flag = config !== undefined ? '--config' : Object.keys(targetSet).length > 0 ? '--target-set' : undefined
  if (flag !== undefined) throw new InputError(`${flag} is for the audit’s own target, and --url names another`)
}

const MUTATION_TIME_MS = 10_000
const SEED = 1

/** @throws InputError for flags of mutations without --mutate, and for other faults beside them. */
function mutationsOf({ mutate, mutationTime, requireNoticed, seed, faults }: AuditFlags): AuditOptions['mutations'] {
  if (mutate === undefined) {
    const flags = { '--mutation-time': mutationTime, '--require-noticed': requireNoticed, '--seed': seed }
    const stray = Object.entries(flags).find(([, value]) => value !== undefined)?.[0]
    if (stray !== undefined) throw new InputError(`${stray} is for the runs of --mutate, which is missing`)
    return undefined
  }
  if (faults.length > 0) throw new InputError('--mutate sets faults of its own: audit with --faults in another run')
  return { timeMs: mutationTime ?? MUTATION_TIME_MS, seed: seed ?? SEED, requiredNoticed: requireNoticed }
}

function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`expected a whole number, got ${JSON.stringify(text)}`)
}

/** Longest time that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1

function duration(text: string): number {
  let durationMs: number
  try {
    durationMs = parseDuration(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
  if (durationMs > 0 && durationMs <= LONGEST_MS) return durationMs
  throw new InvalidArgumentError(`expected more than 0 and at most 24 days, got ${JSON.stringify(text)}`)
}
