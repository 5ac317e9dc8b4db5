import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandOutcome } from '../../calibration/audit/audit-result.ts'
import {
  type PreparedCommand,
  ReportError,
  type ReportSource,
  type TargetAddress,
  type Tool,
} from '../../calibration/audit/tool.ts'
import type { ToolReport } from '../../calibration/audit/tool-report.ts'
import { recognize, toolOf } from '../../calibration/audit/tools.ts'
import type { Truth } from '../../calibration/audit/truth.ts'
import { type LedgerClientOptions, readRecords, readSettledLedger } from '../../calibration/ledger-client.ts'
import { type EndedCommand, runCommand } from './audited-command.ts'
import { existing, readReportFiles } from './report-files.ts'

/** The command under audit, and how its report is read. */
export interface TrialSubject {
  program: string
  args: readonly string[]
  /** The tool that the user named; else it is the one that the program starts, or that wrote the report. */
  tool?: Tool | undefined
  /** Files that the user named as the report. */
  reportFiles: readonly string[]
  timeoutMs: number
}

export interface TrialDependencies {
  ledger: LedgerClientOptions
  address: TargetAddress
  run: string
  signal: AbortSignal
  atOnce: AbortSignal
  showsOutput: boolean
}

/** One run of the command, and what both ends say about it. */
export interface Trial {
  command: CommandOutcome
  prepared: PreparedCommand
  truth: Truth
  tool?: Tool
  report?: ToolReport
  /** Why there is no report. */
  reportProblem?: string
}

/**
 * Runs the command once against the target and reads both accounts of it.
 * @throws InputError when the command cannot be started.
 * @throws LedgerUnavailable
 */
export async function runTrial(subject: TrialSubject, dependencies: TrialDependencies): Promise<Trial> {
  const { ledger, address, run } = dependencies
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-audit-'))
  try {
    const prepared = prepare(subject, address, folder)
    const ended = await runCommand({
      program: subject.program,
      args: prepared.args,
      env: { LOADCELL_TARGET: address.url, LOADCELL_WS: address.url.replace(/^http/, 'ws'), ...prepared.env },
      clock: ledger.clock,
      timeoutMs: subject.timeoutMs,
      signal: dependencies.signal,
      atOnce: dependencies.atOnce,
      showsOutput: dependencies.showsOutput,
    })
    const report = await readSettledLedger(ledger, run)
    const truth = { ledger: report, records: await readRecords(ledger, run) }
    const { stdout, ...outcome } = ended
    const command = { ...outcome, added: prepared.added }
    return { command, prepared, truth, ...readReport(subject, prepared, ended, stdout) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Puts the target's address into the command, and asks the tool for a report. */
function prepare(
  { program, args, tool, reportFiles }: TrialSubject,
  address: TargetAddress,
  folder: string,
): PreparedCommand {
  const filled = args.map(argument => fill(argument, address))
  const known = tool ?? toolOf(program, filled)
  if (known === undefined || reportFiles.length > 0) {
    return { args: filled, env: {}, added: [], files: [], readsStdout: known === undefined, requested: {} }
  }
  mkdirSync(folder, { recursive: true })
  return known.prepare({ program, args: filled }, address, folder)
}

function fill(argument: string, { url, host, port }: TargetAddress): string {
  return argument
    .replaceAll('{target}', url)
    .replaceAll('{host}', host)
    .replaceAll('{port}', String(port))
    .replaceAll('{ws}', url.replace(/^http/, 'ws'))
}

type ReadReport = Pick<Trial, 'tool' | 'report' | 'reportProblem'>

function readReport(subject: TrialSubject, prepared: PreparedCommand, ended: EndedCommand, stdout: Buffer): ReadReport {
  const tool = subject.tool ?? toolOf(subject.program, subject.args)
  const paths = subject.reportFiles.length > 0 ? subject.reportFiles : existing(prepared.files)
  const sources: ReportSource[] = [
    ...readReportFiles(paths),
    ...(prepared.readsStdout && stdout.length > 0 ? [{ name: 'stdout', bytes: stdout }] : []),
  ]
  const how = ended.signal === undefined ? `exit code ${ended.exitCode}` : ended.signal
  if (sources.length === 0) {
    return { ...(tool && { tool }), reportProblem: `the command wrote no report (it ended with ${how})` }
  }
  try {
    const reader = tool ?? recognize(sources)
    return { tool: reader, report: reader.read(sources) }
  } catch (error) {
    if (!(error instanceof ReportError)) throw error
    return { ...(tool && { tool }), reportProblem: error.message }
  }
}
