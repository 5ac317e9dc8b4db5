import { readRecords } from '../../calibration/ledger-client.ts'
import type { LedgerRecord } from '../../contract/ledger-record.ts'
import { type LedgerTable, ledgerTables, recordTable } from '../../contract/ledger-tables.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import { systemClock } from '../../core/clock.ts'
import { MalformedHistogram } from '../../core/encoded-histogram.ts'
import { ControlPlane } from '../../harness/control/control-plane.ts'
import type { NetworkFlags } from '../../harness/plan/read-network.ts'
import { paintFor, plain } from '../../harness/report/terminal.ts'
import { sendTo } from '../process/control-errors.ts'
import { InputError } from '../process/input-error.ts'
import { networkOf } from '../options/network.ts'
import { textTable } from '../output/text-table.ts'

export interface LedgerFlags extends NetworkFlags {
  run: string
  url: string
  token?: string
  trace?: string
  json?: true
}

/** Prints the ledger of a run, or the records of a trace. */
export async function printLedger({ run, url, token, trace, json, ...flags }: LedgerFlags): Promise<void> {
  const network = networkOf(flags)
  const controlToken = token ?? process.env['LOADCELL_CONTROL_TOKEN']
  const control = new ControlPlane({ targetUrl: url, controlToken, network, attempts: 1 })
  const report = await sendTo<LedgerReport>(control, url, 'GET', `/ledger?run=${encodeURIComponent(run)}`)
  if (trace !== undefined) {
    const records = await readRecords({ targetUrl: url, controlToken, network, clock: systemClock }, run, [trace])
    const lines = json ? records.map(record => JSON.stringify(record)) : recordLines(records, run, trace)
    process.stdout.write(lines.map(line => `${line}\n`).join(''))
    return
  }
  const lines = json ? [JSON.stringify(report, null, 2)] : ledgerLines(report)
  process.stdout.write(`${lines.join('\n')}\n`)
}

function recordLines(records: readonly LedgerRecord[], run: string, trace: string): string[] {
  if (records.length === 0)
    return [
      `No record of run ${run} has the trace ${trace}. Is the setting ledger.details on, and is ledger.records large enough?`,
    ]
  return tableLines(recordTable(records), paintFor(process.stdout))
}

function ledgerLines(report: LedgerReport): string[] {
  const { run, operations } = report
  const paint = paintFor(process.stdout)
  if (operations.length === 0) return [`No request of run ${run} has come.`]
  try {
    return [`Run ${plain(run)}`, ...ledgerTables(report).flatMap(table => ['', ...tableLines(table, paint)])]
  } catch (error) {
    if (!(error instanceof MalformedHistogram)) throw error
    throw new InputError(`the ledger cannot be read: ${error.message}`, 'Is it a Loadcell target of this version?')
  }
}

function tableLines({ title, columns, rows }: LedgerTable, paint: ReturnType<typeof paintFor>): string[] {
  const cells = rows.map(row => row.map(plain))
  const [head = '', ...lines] = textTable(columns, cells, 1)
  return [paint('bold', title), paint('dim', head), ...lines]
}
