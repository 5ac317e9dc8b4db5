import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Probe } from '../../../calibration/audit/arrived-load.ts'
import type { CommandOutcome } from '../../../calibration/audit/audit-result.ts'
import {
  type PreparedCommand,
  type RequestedLoad,
  ReportError,
  type ReportSource,
  type TargetAddress,
  type Tool,
} from '../../../calibration/audit/tool.ts'
import type { ToolReport } from '../../../calibration/audit/tool-report.ts'
import { recognize, toolOf } from '../../../calibration/audit/tools.ts'
import type { Truth } from '../../../calibration/audit/truth.ts'
import { type LedgerClientOptions, readRecords, readSettledLedger } from '../../../calibration/ledger-client.ts'
import { type EndedCommand, runCommand } from './audited-command.ts'
import { InputError } from '../../process/input-error.ts'
import { fill, withFilledScript } from './filled-script.ts'
import { helpOf } from './tool-help.ts'
import { existing, filesIn, isWrittenSince, readReportFiles } from '../report/report-files.ts'

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
  /** Watches how the load meets a pause of the target; the signal says that the command has ended. */
  probe?: (requested: RequestedLoad, signal: AbortSignal) => Promise<Probe | undefined>
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
  probe?: Probe | undefined
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
    const prepared = await prepare(subject, address, folder)
    const isOver = new AbortController()
    const probing = dependencies.probe?.(prepared.requested, isOver.signal)
    // Its failure is told when the command has ended.
    probing?.catch(() => {})
    const ended = await runCommand({
      program: subject.program,
      args: prepared.args,
      env: { LOADCELL_TARGET: address.url, LOADCELL_WS: fill('{ws}', address), ...prepared.env },
      clock: ledger.clock,
      timeoutMs: subject.timeoutMs,
      signal: dependencies.signal,
      atOnce: dependencies.atOnce,
      showsOutput: dependencies.showsOutput,
    }).finally(() => isOver.abort())
    const read = readReport(subject, prepared, ended)
    const actualRun = read.report?.run ?? run
    const report = await readSettledLedger(ledger, actualRun)
    const truth = { ledger: report, records: await readRecords(ledger, actualRun) }
    const command = outcomeOf(ended, prepared)
    return { command, prepared, truth, probe: await probing, ...read }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function outcomeOf(ended: EndedCommand, { added }: PreparedCommand): CommandOutcome {
  const { stdout: _, lastError: __, ...outcome } = ended
  return { ...outcome, added }
}

/** Puts the target's address into the command, and asks the tool for a report. */
async function prepare(
  { program, args, tool, reportFiles }: TrialSubject,
  address: TargetAddress,
  folder: string,
): Promise<PreparedCommand> {
  const filled = args.map(argument => fill(argument, address))
  const known = tool ?? toolOf(program, filled)
  const asItIs = { args: filled, env: {}, added: [], files: [], readsStdout: reportFiles.length === 0, requested: {} }
  if (known === undefined) return asItIs
  const script = withFilledScript(known, filled, address, folder)
  const command = { program, args: script.args }
  const prepared = known.prepare({ ...command, help: await helpOf(known, command) }, address, folder)
  // The user has seen to the report, so the command stays as it is.
  return reportFiles.length > 0
    ? { ...asItIs, ...script, requested: prepared.requested }
    : { ...prepared, added: [...script.added, ...prepared.added] }
}

type ReadReport = Pick<Trial, 'tool' | 'report' | 'reportProblem'>

function readReport(subject: TrialSubject, prepared: PreparedCommand, ended: EndedCommand): ReadReport {
  const tool = subject.tool ?? toolOf(subject.program, subject.args)
  try {
    const sources = sourcesOf(subject, prepared, ended)
    const reader = tool ?? recognize(sources)
    return { tool: reader, report: reader.read(sources) }
  } catch (error) {
    // What the ledger says about the run is worth telling all the same.
    if (!(error instanceof ReportError || error instanceof InputError)) throw error
    return { ...(tool && { tool }), reportProblem: problemOf(error) }
  }
}

/** Returns an error as one sentence. A list of known formats is for the terminal. */
function problemOf({ message }: Error): string {
  const [first = '', ...list] = message.split('\n')
  if (list.length === 0) return `the report cannot be used: ${first}`
  const end = first.lastIndexOf('. ')
  process.stderr.write(`${[first.slice(end + 2), ...list].join('\n')}\n`)
  return `the report cannot be used: ${first.slice(0, end)}`
}

/** @throws ReportError when the command wrote no report, and InputError when it cannot be read. */
function sourcesOf(
  { reportFiles }: TrialSubject,
  { files, readsStdout }: PreparedCommand,
  ended: EndedCommand,
): ReportSource[] {
  const expected = reportFiles.length > 0 ? reportFiles : files
  const found = filesIn(existing(expected))
  const written = found.filter(file => isWrittenSince(file, ended.startedAt))
  const sources = readReportFiles(written)
  if (readsStdout && ended.stdout.length > 0) sources.push({ name: 'stdout', bytes: ended.stdout })
  if (sources.length > 0) return sources
  if (found.length > 0) throw new ReportError(`${found.join(', ')}: older than this run; the command did not write it`)
  const where = reportFiles.length > 0 ? ` to ${reportFiles.join(', ')}` : ''
  const exit = ended.signal === undefined ? `exit code ${ended.exitCode}` : ended.signal
  const how = ended.lastError === '' ? exit : `${exit}: ${ended.lastError}`
  throw new ReportError(`the command wrote no report${where} (it ended with ${how})`)
}
