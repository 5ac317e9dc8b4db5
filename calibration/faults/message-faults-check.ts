import type { FaultsAccount } from '../../contract/faults/report.ts'
import type { LedgerReport } from '../../contract/ledger.ts'
import { Histogram } from '../../core/histogram.ts'
import { scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, exactRow, shareRow } from '../check-row.ts'
import { type CheckOptions, trial, withRules } from '../trial.ts'
import { Decisions } from './decisions.ts'
import {
  MESSAGE_SHARE,
  type MessageFaultCase,
  messageFaultCases,
  readRoom,
  readStream,
  type Received,
} from './message-fault-cases.ts'

const READERS = 2

/**
 * Checks every fault of messages on real sockets: the affected share, and what the ledger and the readers say. Decisions are noted
 * for faults that show in the received bytes.
 */
export async function checkMessageFaults(options: CheckOptions): Promise<{ rows: CheckRow[]; decisions: Decisions }> {
  const decisions = new Decisions()
  const received = new Map<MessageFaultCase, Received[]>(messageFaultCases.map(tested => [tested, []]))
  const users = messageFaultCases.map(tested =>
    user(tested.rule.id, {
      share: READERS,
      async iterate(context) {
        const read = tested.wire === 'sse' ? readStream : readRoom
        const reading = await read(context, tested, published(tested, options))
        received.get(tested)!.push(reading)
        if (showsInBytes(tested)) noteTimes(decisions, `${tested.rule.id}/${context.vu.id}`, reading.places)
      },
    }),
  )
  const vus = READERS * messageFaultCases.length
  const load = { executor: 'per-vu-iterations', vus, iterations: 1, maxDuration: '10m' } as const
  const rules = messageFaultCases.map(({ rule }) => rule)
  const { ledger } = await withRules(options, rules, () =>
    trial(options, 'faults of messages', scenario({ load, users })),
  )
  const rows = messageFaultCases.flatMap(tested => rowsOf(tested, received.get(tested)!, ledger, options))
  return { rows: [...rows, pooledRow(ledger, options.level)], decisions }
}

function showsInBytes({ rule }: MessageFaultCase): boolean {
  return ['drop', 'duplicate', 'malformed'].includes(rule.fault.type)
}

/** Notes how often each place was received. Those never received have no decision, which the digest shows as well. */
function noteTimes(decisions: Decisions, reader: string, places: readonly number[]): void {
  const times = Map.groupBy(places, place => place)
  for (const [place, { length }] of times) decisions.note(`${reader}/${place}`, String(length))
}

function published({ wire }: MessageFaultCase, { events }: CheckOptions): number {
  return wire === 'sse' ? events : events / 4
}

function accountOf(
  { rule }: MessageFaultCase,
  { faults }: LedgerReport,
): Pick<FaultsAccount['rules'][number], 'matched' | 'injected' | 'plannedDelay' | 'actualDelay'> {
  return faults.rules.find(({ id }) => id === rule.id) ?? { matched: 0, injected: 0 }
}

function rowsOf(
  tested: MessageFaultCase,
  received: readonly Received[],
  ledger: LedgerReport,
  options: CheckOptions,
): CheckRow[] {
  const { name, rule } = tested
  const account = accountOf(tested, ledger)
  const { injected, plannedDelay, actualDelay } = account
  const sum = (count: (one: Received) => number) => received.reduce((total, one) => total + count(one), 0)
  const distinct = sum(({ places }) => new Set(places).size)
  const again = sum(({ places }) => places.length) - distinct
  const all = READERS * published(tested, options)
  const rows = [shareRow(`${name}: observed share`, MESSAGE_SHARE, account, options.level)]
  if (rule.fault.type === 'drop') {
    return [...rows, exactRow(`${name}: dropped, by the ledger and the client`, injected, all - distinct)]
  }
  if (rule.fault.type === 'malformed') {
    // The rule affects answers about its channel as well.
    const illegible = all - distinct + sum(({ illegibleAnswers }) => illegibleAnswers)
    return [...rows, exactRow(`${name}: malformed, by the ledger and the client`, injected, illegible)]
  }
  rows.push(exactRow(`${name}: published and received`, all, distinct))
  if (rule.fault.type === 'duplicate') {
    const { copies = 1 } = rule.fault
    return [...rows, exactRow(`${name}: copies, by the ledger and the client`, injected * copies, again)]
  }
  rows.push(exactRow(`${name}: seen twice`, 0, again))
  if (rule.fault.type === 'reorder') {
    const sent = reordered(tested, ledger)
    return [...rows, exactRow(`${name}: reordered, by the ledger and the client`, sent, sum(behindLater))]
  }
  const [planned, actual] = [plannedDelay, actualDelay].map(encoded =>
    encoded === undefined ? new Histogram() : Histogram.fromJSON(encoded),
  )
  rows.push(exactRow(`${name}: injected, and delays recorded`, injected, actual!.count))
  rows.push(exactRow(`${name}: shorter than planned`, 0, Number(actual!.minMs < planned!.minMs)))
  return rows
}

function behindLater({ places }: Received): number {
  let [count, latest] = [0, -1]
  for (const place of places) {
    if (place < latest) count += 1
    latest = Math.max(latest, place)
  }
  return count
}

function reordered({ wire, channel }: MessageFaultCase, { streams, sockets }: LedgerReport): number {
  if (wire === 'websocket') return sockets.endpoints.reduce((sum, { injected }) => sum + (injected?.reordered ?? 0), 0)
  return streams.deliveries
    .filter(({ stream }) => stream.startsWith(`${channel}-`))
    .reduce((sum, { injected }) => sum + (injected?.reordered ?? 0), 0)
}

function pooledRow(ledger: LedgerReport, level: number): CheckRow {
  const accounts = messageFaultCases.map(tested => accountOf(tested, ledger))
  const matched = accounts.reduce((sum, account) => sum + account.matched, 0)
  const injected = accounts.reduce((sum, account) => sum + account.injected, 0)
  return shareRow('all faults of messages: observed share', MESSAGE_SHARE, { matched, injected }, level)
}
