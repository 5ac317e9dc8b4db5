import { isSocketOperation, operationNames, streamingOperations } from '../../../contract/api/operations.ts'
import type { OperationNow, RequestsNow } from '../../../contract/target-page.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Records } from '../../ledger/records.ts'
import { LatencyLevels } from './latency-levels.ts'

const MOST_OPERATIONS = 16
/** Records that are read for one snapshot: more would cost more than they show. */
const MOST_RECORDS = 10_000

/** Whether the requests of an operation end when their client wants, so that their times say nothing. */
const staysOpen = operationNames.map(
  operation => operation !== 'unmatched' && (streamingOperations.includes(operation) || isSocketOperation(operation)),
)

/** Totals of an operation at the previous snapshot. */
interface Before {
  arrived: number
  failed: number
}

/** Rates and times of requests between snapshots, from the totals and the records that the ledger keeps anyway. */
export class RequestRates {
  readonly #ledger: Ledger
  readonly #before: Before[] = operationNames.map(() => ({ arrived: 0, failed: 0 }))
  readonly #levels = new LatencyLevels()
  #records: Records
  #read: number

  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#records = ledger.records
    this.#read = ledger.records.written
    this.take(0)
  }

  /** @param seconds time since the previous call */
  take(seconds: number): RequestsNow {
    let [inFlight, arrived, arrivedBefore, failed, failedBefore] = [0, 0, 0, 0, 0]
    const rate = (difference: number) => (seconds > 0 ? difference / seconds : 0)
    const operations: OperationNow[] = []
    this.#ledger.totals.forEach((tally, index) => {
      const before = this.#before[index]!
      if (tally.arrivals === 0) return
      const now = { arrived: tally.arrivals, failed: tally.failed }
      const open = tally.arrivals - tally.ended
      if (!staysOpen[index]) inFlight += open
      arrived += now.arrived
      arrivedBefore += before.arrived
      failed += now.failed
      failedBefore += before.failed
      operations.push({
        operation: operationNames[index]!,
        inFlight: open,
        arrived: now.arrived,
        perSecond: rate(now.arrived - before.arrived),
        failedPerSecond: rate(now.failed - before.failed),
      })
      this.#before[index] = now
    })
    operations.sort((a, b) => b.perSecond - a.perSecond || b.inFlight - a.inFlight || b.arrived - a.arrived)
    return {
      inFlight,
      arrived,
      arrivedPerSecond: rate(arrived - arrivedBefore),
      failedPerSecond: rate(failed - failedBefore),
      operations: operations.slice(0, MOST_OPERATIONS),
      operationsNotShown: Math.max(0, operations.length - MOST_OPERATIONS),
      latency: this.#takeLatency(),
    }
  }

  #takeLatency() {
    const { records } = this.#ledger
    // A reset of the ledger begins new ones.
    if (records !== this.#records) [this.#records, this.#read] = [records, 0]
    const ended = records.written - this.#read
    records.visitSince(this.#read, MOST_RECORDS, (operationIndex, _status, lastByteMs) => {
      if (!staysOpen[operationIndex]) this.#levels.add(lastByteMs)
    })
    this.#read = records.written
    return this.#levels.take(ended)
  }
}
