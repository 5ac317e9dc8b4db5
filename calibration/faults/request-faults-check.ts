import type { Clock } from '../../core/clock.ts'
import { wilsonInterval } from '../../core/wilson.ts'
import { type Context, scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow, judged } from '../check-row.ts'
import { Decisions } from './decisions.ts'
import { FaultsClient, RuleWatch } from '../faults-client.ts'
import { type Intact, LARGE, type RequestFaultCase, requestFaultGroups, SMALL } from './request-fault-cases.ts'
import { sumBy } from '../rows.ts'
import { trial, type TrialOptions } from '../trial.ts'

const SHARE = 0.3
/** How often a request is sent that looks affected and was not: its key decides, so that a target at fault is so each time. */
const MOST_ATTEMPTS = 6
/** Timeout of requests that may never be answered; doubled with each attempt. */
const TIMEOUT_MS = 250
/** No request takes so long by itself. */
const SLOW_MS = 50

export interface RequestFaultsCheckOptions extends TrialOptions {
  /** Number for each fault whose responses say whether it was injected; faults that take time get a tenth of it. */
  requests: number
  /** Level of each interval. */
  level: number
  /** The order in which each client goes through its keys: what happens to them must be the same. */
  order: 'forward' | 'backward'
}

export interface RequestFaultsCheck {
  rows: CheckRow[]
  decisions: Decisions
}

/** One client with a rule of its own: what the rule reports between two of its requests is about the one between. */
interface Lane {
  tested: RequestFaultCase
  ruleId: string
  keys: string[]
}

/** Outcomes of the requests of one case. */
interface RequestTally {
  /** Sent and affected, each key once. */
  keys: number
  injectedKeys: number
  /**
   * The last time that each was sent: by its report, and as its client saw it. Sockets have another key each time, and
   * another fate.
   */
  injectedAtLast: number
  affectedAtLast: number
  /** Not affected, and slow each time: so was what no rule was for, in between. */
  slowKeys: number
  /** Nobody knows whether the target has read them since. */
  unreadRequests: number
}

/**
 * Every fault of requests on real sockets: the share that was affected against the one that was configured, and what the
 * rule, the
 * ledger and the client say of how many there were.
 */
export async function checkRequestFaults(options: RequestFaultsCheckOptions): Promise<RequestFaultsCheck> {
  const decisions = new Decisions()
  const rows: CheckRow[] = []
  const all = { injectedKeys: 0, keys: 0 }
  for (const group of requestFaultGroups) {
    const lanes = lanesOf(group, options)
    const tallies = new Map<RequestFaultCase, RequestTally>(
      group.cases.map(tested => [
        tested,
        { keys: 0, injectedKeys: 0, injectedAtLast: 0, affectedAtLast: 0, slowKeys: 0, unreadRequests: 0 },
      ]),
    )
    const injected = await injectAll(options, lanes, tallies, decisions)
    for (const [tested, tally] of tallies) {
      rows.push(...rowsOf(tested, tally, injected.get(tested)!, options.level))
      all.injectedKeys += tally.injectedKeys
      all.keys += tally.keys
    }
  }
  return { rows: [...rows, shareRow('all faults of requests', all, options.level)], decisions }
}

function lanesOf(
  { cases, lanes, requestsShare }: (typeof requestFaultGroups)[number],
  { requests, order }: RequestFaultsCheckOptions,
): Lane[] {
  return cases.flatMap((tested, index) => {
    const ordinals = Array.from({ length: Math.ceil(requests * requestsShare) }, (_, ordinal) => ordinal)
    if (order === 'backward') ordinals.reverse()
    return Array.from({ length: lanes }, (_, lane) => {
      const ruleId = `${tested.fault.type}-${index}-${lane}`
      const keys = ordinals.filter(ordinal => ordinal % lanes === lane).map(ordinal => `${ruleId}-${ordinal}`)
      return { tested, ruleId, keys }
    })
  })
}

/** How many there were by the rules’ own reports, and in the ledger. */
interface Injected {
  reported: number
  inLedger: number
  /** Requests that the client sent once more, and that were affected both times. */
  resent: number
}

async function injectAll(
  options: RequestFaultsCheckOptions,
  lanes: readonly Lane[],
  tallies: ReadonlyMap<RequestFaultCase, RequestTally>,
  decisions: Decisions,
): Promise<Map<RequestFaultCase, Injected>> {
  const faults = new FaultsClient(options)
  for (const { ruleId, tested } of lanes) {
    await faults.set({ id: ruleId, match: { header: { 'x-fault': ruleId } }, share: SHARE, fault: tested.fault })
  }
  try {
    const { ledger, result } = await trial(
      options,
      'faults of requests',
      scenario({
        load: { executor: 'per-vu-iterations', vus: lanes.length, iterations: 1, maxDuration: '10m' },
        users: [
          user<Intact>('client', {
            begin: async ({ http }) =>
              new Map([
                [SMALL, await http.get(SMALL)],
                [LARGE, await http.get(LARGE)],
              ]),
            async iterate(context) {
              const lane = lanes[context.vu.id]!
              await walk(lane, context, { clock: options.clock, faults }, tallies.get(lane.tested)!, decisions)
            },
          }),
        ],
      }),
    )
    const resent = sumBy(result.series, 'http_req_resent', ({ name }) => name)
    const injected = new Map<RequestFaultCase, Injected>()
    for (const { ruleId, tested } of lanes) {
      const before = injected.get(tested) ?? { reported: 0, inLedger: 0, resent: resent.get(tested.name) ?? 0 }
      const account = ledger.faults.rules.find(({ id }) => id === ruleId)
      injected.set(tested, {
        reported: before.reported + (await faults.report(ruleId)).injected,
        inLedger: before.inLedger + (account?.injected ?? 0),
        resent: before.resent,
      })
    }
    return injected
  } finally {
    for (const { ruleId } of lanes) await faults.remove(ruleId)
  }
}

async function walk(
  { tested, ruleId, keys }: Lane,
  context: Context<Intact>,
  { clock, faults }: { clock: Clock; faults: FaultsClient },
  tally: RequestTally,
  decisions: Decisions,
): Promise<void> {
  const watch = tested.decidedBy === 'report' ? new RuleWatch(ruleId, faults, clock) : undefined
  for (const key of keys) {
    const headers = { 'x-fault': ruleId, 'x-loadcell-exchange': key }
    let isDecided = false
    let slowestMs = 0
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      // First something that no rule is for: an answer to it says that the target has time for us.
      if (attempt > 1) slowestMs = Math.max(slowestMs, (await context.http.get(SMALL)).durationMs)
      const timeoutMs = TIMEOUT_MS * 2 ** (attempt - 1)
      const isAffected = await tested.isAffected(context, { name: tested.name, headers, timeoutMs })
      const isInjected = watch === undefined ? isAffected : await watch.hasInjected()
      // Given up long before the target had read it: if it does so later, it may be taken for the next.
      if (isInjected === undefined) {
        tally.unreadRequests += 1
        continue
      }
      if (!isDecided) {
        isDecided = true
        tally.keys += 1
        if (isInjected) tally.injectedKeys += 1
        // The harness gives its sockets keys of its own.
        if (tested.wire !== 'websocket') decisions.note(key, String(isInjected))
      }
      // It was only slow, as anything may be on a busy machine: by its key it will not be affected the next time either.
      if (isAffected && !isInjected && attempt < MOST_ATTEMPTS) continue
      if (isInjected) tally.injectedAtLast += 1
      if (isAffected) tally.affectedAtLast += 1
      if (isAffected && !isInjected && slowestMs >= SLOW_MS) tally.slowKeys += 1
      break
    }
  }
}

function rowsOf(
  { name, decidedBy }: RequestFaultCase,
  tally: RequestTally,
  { reported, inLedger, resent }: Injected,
  level: number,
): CheckRow[] {
  const { keys, injectedKeys, injectedAtLast, affectedAtLast } = tally
  const busy = tooBusy(tally)
  return [
    shareRow(name, { keys, injectedKeys }, level),
    exactRow(`${name}: injected, by the rule’s report and the ledger`, reported, inLedger),
    // What was sent again was affected again: of those that a report decides each key counts once.
    decidedBy === 'report'
      ? judged(exactRow(`${name}: injected, by the rule’s report and the client`, injectedAtLast, affectedAtLast), busy)
      : exactRow(`${name}: injected, by the ledger and the client`, inLedger, affectedAtLast + resent),
  ]
}

function tooBusy({ slowKeys, unreadRequests }: RequestTally): string | undefined {
  if (unreadRequests > 0) return `the target had not read ${unreadRequests} after seconds`
  return slowKeys > 0 ? `${slowKeys} were slow that nothing had affected, as were others in between` : undefined
}

function shareRow(
  name: string,
  { injectedKeys, keys }: Pick<RequestTally, 'injectedKeys' | 'keys'>,
  level: number,
): CheckRow {
  const interval = wilsonInterval(injectedKeys, keys, level)
  return checkRow(`${name}: observed share`, 'share', { theory: SHARE, observed: injectedKeys / keys, interval })
}
