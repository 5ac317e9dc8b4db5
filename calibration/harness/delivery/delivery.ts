import type { LedgerReport } from '../../../contract/ledger.ts'
import type { CounterName } from '../../../harness/metrics/catalog.ts'
import { scenario, user } from '../../../harness/scenario.ts'
import { type CheckRow, exactRow } from '../../check-row.ts'
import {
  type MessageFaultCase,
  messageFaultCases,
  readRoom,
  readStream,
  type Received,
} from '../../faults/message-fault-cases.ts'
import { sumBy } from '../../rows.ts'
import { withRules } from '../../trial.ts'
import { type HarnessBench, measured, type MeasuredRun } from '../bench.ts'
import type { Subject } from '../subject.ts'

const READERS = 2
/** Events for each reader of a stream. Rooms have a quarter of it, because each of their messages is a request. */
const events = { quick: 120, full: 2000 }
/** Faults that change which events arrive, how often, or in which order. */
const countedFaults = ['drop', 'duplicate', 'reorder', 'malformed']

/** Cases of this subject. */
export const deliveryCases = messageFaultCases.filter(({ rule }) => countedFaults.includes(rule.fault.type))

export const delivery: Subject = {
  name: 'delivery',
  title: 'Delivery',
  question: 'Are injected drops, copies and swaps counted as gaps, duplicates and disorder, exactly?',
  method:
    'The target drops, repeats, reorders or breaks a share of the messages, and counts them. Only events lost at the two ends of what a consumer saw are no gaps to it.',
  async check(bench) {
    return { rows: (await Promise.all(deliveryCases.map(each => checkDelivery(bench, each)))).flat() }
  },
}

/**
 * Checks what the harness says about the events that its readers received under one fault.
 * @param label tells the streams and rooms of this check from those of others
 */
export async function checkDelivery(
  bench: HarnessBench,
  original: MessageFaultCase,
  label = 'own',
): Promise<CheckRow[]> {
  const tested = relabelled(original, label)
  const published = tested.wire === 'sse' ? events[bench.size] : events[bench.size] / 4
  const received: Received[] = []
  const read = tested.wire === 'sse' ? readStream : readRoom
  const definition = scenario({
    load: { executor: 'per-vu-iterations', vus: READERS, iterations: 1, maxDuration: '10m' },
    users: [
      user('reader', {
        async iterate(context) {
          received.push(await read(context, tested, published))
        },
      }),
    ],
  })
  const run = await withRules(bench, [tested.rule], () => measured(bench, `delivery, ${tested.name}`, definition))
  return rowsOf(tested, run, received, published)
}

function relabelled({ rule, channel: before, ...tested }: MessageFaultCase, label: string): MessageFaultCase {
  const [id, channel] = [`${rule.id}-${label}`, `${before}-${label}`]
  const header = rule.match?.header && { header: { 'x-fault': id } }
  const match = { ...rule.match, ...header, channel: String(rule.match?.channel).replace(before, channel) }
  return { ...tested, channel, rule: { ...rule, id, match } }
}

function rowsOf(
  { name, wire, channel }: MessageFaultCase,
  { result, ledger }: MeasuredRun,
  received: readonly Received[],
  published: number,
): CheckRow[] {
  const { lost, copies, reordered } = injectedInto(ledger, wire, channel)
  // A stream begins with the first event that its consumer sees; a room tells its members where they begin.
  const first = wire === 'sse' ? 0 : 1
  const unseen = received.reduce((sum, { places }) => {
    const trailing = first + published - 1 - Math.max(...places)
    return sum + trailing + (wire === 'sse' ? Math.min(...places) : 0)
  }, 0)
  const counted = (metric: CounterName) => sumBy(result.series, metric, () => 'all').get('all') ?? 0
  return [
    exactRow(`${name}: events lost between two others, and gaps`, lost - unseen, counted('event_gaps')),
    exactRow(`${name}: copies, and duplicates`, copies, counted('event_duplicates')),
    exactRow(`${name}: events sent behind later ones, and out of order`, reordered, counted('event_out_of_order')),
  ]
}

interface InjectedEvents {
  /** Dropped, or no longer readable. */
  lost: number
  copies: number
  reordered: number
}

function injectedInto(
  { streams, sockets }: LedgerReport,
  wire: MessageFaultCase['wire'],
  channel: string,
): InjectedEvents {
  const accounts =
    wire === 'sse' ? streams.deliveries.filter(({ stream }) => stream.startsWith(`${channel}-`)) : sockets.endpoints
  const sum = { lost: 0, copies: 0, reordered: 0 }
  for (const { dropped, injected } of accounts) {
    sum.lost += (dropped['injected'] ?? 0) + (injected?.malformed ?? 0)
    sum.copies += injected?.duplicated ?? 0
    sum.reordered += injected?.reordered ?? 0
  }
  return sum
}
