import { Command, InvalidArgumentError } from 'commander'
import { auditExitCodesHelp } from '../../calibration/audit/exit-codes.ts'
import { operationNames, type OperationName } from '../../contract/api/operations.ts'
import { defaultRun } from '../../contract/headers.ts'
import { parseDuration } from '../../core/duration.ts'
import { nearest } from '../../core/nearest.ts'
import { httpUrl, keyValue } from '../arguments.ts'
import { InputError, tellError } from '../input-error.ts'
import type { Interrupts } from '../interrupts.ts'
import { stopsOf } from '../stops.ts'

interface AuditFlags {
  tool?: string
  report: string[]
  name: Record<string, string>
  url?: string
  controlUrl?: string
  run: string
  targetSet: Record<string, string>
  faults: string[]
  timeout: number
  out?: string
  quiet?: true
}

export function auditCommand(version: string, interrupts: Interrupts): Command {
  return new Command('audit')
    .description('Run a load test of any tool against the target, and hold its report against what truly happened.')
    .argument('[command...]', 'the command that runs the load test, behind --')
    .option('--tool <name>', 'load tool whose report it is (default: by the program, or by the report itself)')
    .option(
      '--report <file>',
      'file or folder with the tool’s report (default: the audit asks the tool for one); may be repeated',
      append,
      [],
    )
    .option('--name <name=operation>', 'operation that a name of the tool stands for; may be repeated', keyValue, {})
    .option('--url <url>', 'URL of a target that runs already (default: one of the audit’s own)', httpUrl)
    .option('--control-url <url>', 'URL of its control plane, if that has a port of its own', httpUrl)
    .option('--run <run>', 'run that the command’s requests belong to, by X-Loadcell-Run', defaultRun)
    .option(
      '--target-set <key=value>',
      'set a configuration key of the audit’s own target; may be repeated',
      keyValue,
      {},
    )
    .option('--faults <preset or file>', 'faults of the target during the audit; may be repeated', append, [])
    .option('--timeout <duration>', 'stop a command that runs longer', duration, 600_000)
    .option('--out <folder>', 'folder for audit.html and audit.json (default loadcell-results/audit-<time>)')
    .option('--quiet', 'print the result only, without the command’s output and progress')
    .addHelpText(
      'after',
      `
{target}, {host}, {port} and {ws} in the command stand for the target's address. LOADCELL_TARGET and LOADCELL_WS
hold it too. A host flag that the tool has of its own is added where it is missing.

Examples:
  loadcell audit -- locust -f locustfile.py --headless -u 20 -r 20 -t 1m
  loadcell audit --faults brownout -- artillery run script.yml
  loadcell audit -- wrk -c 20 -d 30s --latency {target}/api/v1/products
  loadcell audit --tool locust --report stats.json -- ./run.sh
${auditExitCodesHelp}`,
    )
    .action(async ([program, ...args]: string[], flags: AuditFlags) => {
      if (program === undefined) {
        throw new InputError(
          'audit needs a command',
          'For example: loadcell audit -- locust -f locustfile.py --headless',
        )
      }
      const stops = stopsOf(interrupts, () => process.exit())
      const { runAudit } = await import('./run-audit.ts')
      const { toolNamed } = await import('../../calibration/audit/tools.ts')
      const { ReportError } = await import('../../calibration/audit/tool.ts')
      try {
        if (flags.url !== undefined && Object.keys(flags.targetSet).length > 0)
          throw new InputError('--target-set is for the audit’s own target, and --url names another')
        process.exitCode = await runAudit(
          {
            program,
            args,
            tool: flags.tool === undefined ? undefined : toolNamed(flags.tool),
            reportFiles: flags.report,
            names: namesOf(flags.name),
            url: flags.url,
            controlUrl: flags.controlUrl,
            run: flags.run,
            targetSettings: flags.targetSet,
            faults: flags.faults,
            timeoutMs: flags.timeout,
            out: flags.out,
            quiet: flags.quiet ?? false,
            version,
          },
          stops,
        )
      } catch (error) {
        process.exitCode = tellError(error instanceof ReportError ? new InputError(error.message) : error)
      }
    })
}

function append(value: string, others: string[]): string[] {
  return [...others, value]
}

function duration(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

/** @throws InputError for an operation that does not exist. */
function namesOf(flags: Record<string, string>): Map<string, OperationName> {
  return new Map(
    Object.entries(flags).map(([name, operation]) => {
      const known = operationNames.find(each => each === operation)
      if (known !== undefined) return [name, known]
      const meant = nearest(operation, operationNames)
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`
      throw new InputError(`--name: there is no operation ${JSON.stringify(operation)}${hint}`)
    }),
  )
}
