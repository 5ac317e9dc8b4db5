import type { OperationName } from '../../../contract/api/operations.ts'
import type { LedgerReport } from '../../../contract/ledger.ts'
import { Histogram } from '../../../core/histogram.ts'
import { scenario, user } from '../../../harness/scenario.ts'
import { trendOf } from '../../series.ts'
import type { HarnessBench } from '../bench.ts'
import type { Addition, SubjectFindings } from '../subject.ts'
import { injectedTimes, latencyRules, paceOf } from './injected-times.ts'
import { measuredUnder } from './measured-under.ts'
import { additionRow, quantileRows } from './quantile-rows.ts'

const sizes = {
  quick: { perSecond: 250, seconds: 2 },
  full: { perSecond: 500, seconds: 60 },
}
/** Limit of what the harness adds to the time of the target, in the median. */
const MOST_ADDITION_MS = 1
/** One request in five is not delayed, and shows what the harness adds. */
const DELAYED_PER_CONTROL = 4
const HEADER = 'x-latency'
const DELAYED: OperationName = 'products.get'
const CONTROL: OperationName = 'categories.list'

/**
 * Checks both clocks of a request in an open model: from when it was due, and from when it was sent.
 * @param label tells the rules of this check from those of others at the same time
 */
export async function checkHttpLatency(bench: HarnessBench, label = 'http'): Promise<Required<SubjectFindings>> {
  const { perSecond, seconds } = sizes[bench.size]
  const total = (perSecond * seconds * DELAYED_PER_CONTROL) / (DELAYED_PER_CONTROL + 1)
  let sent = 0
  const definition = scenario({
    load: {
      executor: 'constant-arrival-rate',
      rate: perSecond,
      duration: seconds * 1000,
      preAllocatedVUs: perSecond / 2,
      maxVUs: 2 * perSecond,
    },
    users: [
      user('delayed', {
        share: DELAYED_PER_CONTROL,
        iterate: ({ http }) =>
          http.get('/api/v1/products/1', {
            name: 'delayed',
            headers: { [HEADER]: `${label}-${paceOf(sent++, total)}` },
          }),
      }),
      user('control', { iterate: ({ http }) => http.get('/api/v1/categories', { name: 'control' }) }),
    ],
  })
  const rules = latencyRules(label, 'before_handler', pace => ({
    operation: DELAYED,
    header: { [HEADER]: `${label}-${pace}` },
  }))
  const { result, ledger, late } = await measuredUnder(bench, rules, 'latency of HTTP', definition)
  const service = trendOf(result, 'http_req_service_time', { name: 'control' })
  const addition = difference('HTTP, service time', service, lastBytes(ledger, CONTROL))
  const common = {
    configured: injectedTimes,
    injected: lastBytes(ledger, DELAYED),
    additionMs: Math.max(0, addition.medianMs),
    level: bench.level,
    late,
  }
  return {
    rows: [
      ...quantileRows({
        what: 'HTTP, service time',
        observed: trendOf(result, 'http_req_service_time', { name: 'delayed' }),
        ...common,
      }),
      ...quantileRows({
        what: 'HTTP, response time',
        observed: trendOf(result, 'http_req_duration', { name: 'delayed' }),
        ...common,
      }),
      additionRow(addition, MOST_ADDITION_MS, late),
    ],
    additions: [addition],
  }
}

/** Returns how much longer requests took for the harness than for the target, by quantiles. */
function difference(to: string, harness: Histogram, target: Histogram): Addition {
  const at = (percentile: number) => harness.percentile(percentile) - target.percentile(percentile)
  return { to, medianMs: at(50), p99Ms: at(99), count: harness.count }
}

function lastBytes({ operations }: LedgerReport, operation: OperationName): Histogram {
  const account = operations.find(each => each.operation === operation)
  return account === undefined ? new Histogram() : Histogram.fromJSON(account.lastByte)
}
