import type { Clock } from '../../core/clock.ts'
import type { ControlPlane } from '../../harness/control/control-plane.ts'
import { type Context, scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, exactRow, judged, shareRow } from '../check-row.ts'
import { sumBy } from '../rows.ts'
import { type CheckOptions, ruleReport, trial, withRules } from '../trial.ts'
import { Decisions } from './decisions.ts'
import { type Intact, LARGE, type RequestFaultCase, requestFaultGroups, SMALL } from './request-fault-cases.ts'

const SHARE = 0.3
/** Maximum number of attempts for a request that only looks affected. The fate of a key is always the same, and so is an error of the target. */
const MOST_ATTEMPTS = 6
/** Timeout of requests that may never be answered; doubled with each attempt. */
const TIMEOUT_MS = 250
/** Longer than any request takes on a machine that is not busy. */
const SLOW_MS = 50
/** Time within which the target reads a request that its client gave up. After that, the request is taken as never sent. */
const ARRIVES_WITHIN_MS = 5000
const POLL_MS = 20

export interface RequestFaultsCheck {
  rows: CheckRow[]
  decisions: Decisions
}

/** One client with a rule of its own, so that each change of the rule's report is about the latest request. */
interface Lane {
  tested: RequestFaultCase
  ruleId: string
  keys: string[]
}

/** Outcomes of the requests of one case. */
interface RequestTally {
  /** Number of keys, and of those whose first request was affected. */
  matched: number
  injected: number
  /** Affected keys in their last attempt, by the report and by the client. A WebSocket has a new key, and a new fate, each time. */
  injectedAtLast: number
  affectedAtLast: number
  /** Unaffected keys that were slow in each attempt, as were requests in between that no rule matches. */
  slowKeys: number
  /** Requests that the target may still read. */
  unreadRequests: number
}

/**
 * Checks every fault of requests on real sockets: the affected share, and the number of affected requests as the rule, the ledger
 * and the client count it.
 */
export async function checkRequestFaults(options: CheckOptions): Promise<RequestFaultsCheck> {
  const decisions = new Decisions()
  const rows: CheckRow[] = []
  const all = { injected: 0, matched: 0 }
  for (const group of requestFaultGroups) {
    const lanes = lanesOf(group, options)
    const tallies = new Map<RequestFaultCase, RequestTally>(
      group.cases.map(tested => [
        tested,
        { matched: 0, injected: 0, injectedAtLast: 0, affectedAtLast: 0, slowKeys: 0, unreadRequests: 0 },
      ]),
    )
    const injected = await injectAll(options, lanes, tallies, decisions)
    for (const [tested, tally] of tallies) {
      rows.push(...rowsOf(tested, tally, injected.get(tested)!, options.level))
      all.injected += tally.injected
      all.matched += tally.matched
    }
  }
  rows.push(shareRow('all faults of requests: observed share', SHARE, all, options.level))
  return { rows, decisions }
}

function lanesOf(
  { cases, lanes, requestsShare }: (typeof requestFaultGroups)[number],
  { requests, order }: CheckOptions,
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

/** Affected requests of one case, by the reports of its rules and by the ledger. */
interface Injected {
  reported: number
  inLedger: number
  /** Requests that the client resent, and that were affected both times. */
  resent: number
}

async function injectAll(
  options: CheckOptions,
  lanes: readonly Lane[],
  tallies: ReadonlyMap<RequestFaultCase, RequestTally>,
  decisions: Decisions,
): Promise<Map<RequestFaultCase, Injected>> {
  const rules = lanes.map(({ ruleId, tested }) => {
    return { id: ruleId, match: { header: { 'x-fault': ruleId } }, share: SHARE, fault: tested.fault }
  })
  const load = { executor: 'per-vu-iterations', vus: lanes.length, iterations: 1, maxDuration: '10m' } as const
  return withRules(options, rules, async control => {
    const client = user<Intact>('client', {
      begin: async ({ http }) =>
        new Map([
          [SMALL, await http.get(SMALL)],
          [LARGE, await http.get(LARGE)],
        ]),
      async iterate(context) {
        const lane = lanes[context.vu.id]!
        const watch =
          lane.tested.decidedBy === 'report' ? new RuleWatch(lane.ruleId, control, options.clock) : undefined
        await walk(lane, context, watch, tallies.get(lane.tested)!, decisions)
      },
    })
    const { ledger, result } = await trial(options, 'faults of requests', scenario({ load, users: [client] }))
    const resent = sumBy(result.series, 'http_req_resent', ({ name }) => name)
    const injected = new Map<RequestFaultCase, Injected>()
    for (const { ruleId, tested } of lanes) {
      const before = injected.get(tested) ?? { reported: 0, inLedger: 0, resent: resent.get(tested.name) ?? 0 }
      const account = ledger.faults.rules.find(({ id }) => id === ruleId)
      injected.set(tested, {
        reported: before.reported + (await ruleReport(control, ruleId)).injected,
        inLedger: before.inLedger + (account?.injected ?? 0),
        resent: before.resent,
      })
    }
    return injected
  })
}

/** Tells whether a rule affected the latest request of its client, which sends one request at a time. */
class RuleWatch {
  readonly #ruleId: string
  readonly #control: ControlPlane
  readonly #clock: Clock
  #sent = 0
  #matched = 0
  #injected = 0

  constructor(ruleId: string, control: ControlPlane, clock: Clock) {
    this.#ruleId = ruleId
    this.#control = control
    this.#clock = clock
  }

  /** Waits until the rule's report counts all requests sent so far. Returns undefined if it never counts the latest one. */
  async hasInjected(): Promise<boolean | undefined> {
    this.#sent += 1
    const deadline = this.#clock.now() + ARRIVES_WITHIN_MS
    for (;;) {
      const { matched, injected } = await ruleReport(this.#control, this.#ruleId)
      if (matched < this.#sent && this.#clock.now() < deadline) {
        await this.#clock.sleep(POLL_MS)
        continue
      }
      const hasArrived = matched > this.#matched
      const hasInjected = injected > this.#injected
      this.#sent = matched
      this.#matched = matched
      this.#injected = injected
      return hasArrived ? hasInjected : undefined
    }
  }
}

async function walk(
  { tested, ruleId, keys }: Lane,
  context: Context<Intact>,
  watch: RuleWatch | undefined,
  tally: RequestTally,
  decisions: Decisions,
): Promise<void> {
  for (const key of keys) {
    const headers = { 'x-fault': ruleId, 'x-loadcell-exchange': key }
    let isDecided = false
    let slowestMs = 0
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      // A request that no rule matches shows whether the target is slow with all requests.
      if (attempt > 1) slowestMs = Math.max(slowestMs, (await context.http.get(SMALL)).durationMs)
      const timeoutMs = TIMEOUT_MS * 2 ** (attempt - 1)
      const isAffected = await tested.isAffected(context, { name: tested.name, headers, timeoutMs })
      const isInjected = watch === undefined ? isAffected : await watch.hasInjected()
      // The target has not read it in time. If it does so later, the report may seem to be about the next request.
      if (isInjected === undefined) {
        tally.unreadRequests += 1
        continue
      }
      if (!isDecided) {
        isDecided = true
        tally.matched += 1
        if (isInjected) tally.injected += 1
        // The harness sets the keys of WebSockets itself.
        if (tested.wire !== 'websocket') decisions.note(key, String(isInjected))
      }
      // It was slow for another reason. Its key will not be affected in the next attempt either.
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
  const { injectedAtLast, affectedAtLast } = tally
  const busy = tooBusy(tally)
  return [
    shareRow(`${name}: observed share`, SHARE, tally, level),
    exactRow(`${name}: injected, by the rule’s report and the ledger`, reported, inLedger),
    // A resent request is affected again. Where a report decides, each key counts once.
    decidedBy === 'report'
      ? judged(exactRow(`${name}: injected, by the rule’s report and the client`, injectedAtLast, affectedAtLast), busy)
      : exactRow(`${name}: injected, by the ledger and the client`, inLedger, affectedAtLast + resent),
  ]
}

function tooBusy({ slowKeys, unreadRequests }: RequestTally): string | undefined {
  if (unreadRequests > 0)
    return `the target had not read ${unreadRequests} requests after ${ARRIVES_WITHIN_MS / 1000} s`
  return slowKeys > 0
    ? `${slowKeys} unaffected requests were slow, as were requests in between that no rule matches`
    : undefined
}
