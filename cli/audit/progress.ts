import { arrivalsIn } from '../../calibration/audit/truth.ts'
import { type LedgerClientOptions, LedgerUnavailable, readLedger } from '../../calibration/ledger-client.ts'
import { formatCount } from '../../core/number-format.ts'
import { formatRate } from '../../harness/report/quantity.ts'

const EVERY_MS = 2000

/**
 * Prints a line about the requests that have arrived, every two seconds, on stderr: stdout belongs to the command.
 * @returns a function that ends it.
 */
export function showArrivals(ledger: LedgerClientOptions, run: string): () => void {
  const ended = new AbortController()
  void watch(ledger, run, ended.signal)
  return () => ended.abort()
}

async function watch(ledger: LedgerClientOptions, run: string, signal: AbortSignal): Promise<void> {
  const { clock } = ledger
  const startedMs = clock.now()
  let before = 0
  for (;;) {
    await clock.sleep(EVERY_MS, signal)
    if (signal.aborted) return
    try {
      const { operations, open } = await readLedger(ledger, run)
      if (signal.aborted) return
      const arrivals = arrivalsIn({ operations })
      const failed = operations
        .flatMap(({ statuses }) => Object.entries(statuses))
        .reduce((sum, [status, count]) => (Number(status) >= 400 ? sum + count : sum), 0)
      const seconds = Math.round((clock.now() - startedMs) / 1000)
      const rate = formatRate(((arrivals - before) * 1000) / EVERY_MS)
      before = arrivals
      process.stderr.write(
        `audit: ${seconds} s · ${formatCount(arrivals)} requests arrived, ${rate} a second · ${formatCount(failed)} answered with 400 and up · ${open.requests} under way\n`,
      )
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error
    }
  }
}
