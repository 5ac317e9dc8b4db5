import type { FaultOf } from '../../contract/faults/fault.ts'
import type { ControlPlane } from '../../harness/control/control-plane.ts'
import { type Context, scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, exactRow, judged, shareRow } from '../check-row.ts'
import { sumBy } from '../rows.ts'
import { type CheckOptions, stationReport, trial, withRules } from '../trial.ts'
import { checkKnee } from './knee-check.ts'

/** Number of stations that are checked at the same time. */
const STATIONS = 6
const WAITING = 3
const PATH = '/api/v1/products/1'
const POLL_MS = 2
const TIMEOUT = '5s'
/** Long enough for the client to see that requests wait. */
const SERVICE_MS = 100

/** A station, and the question that it answers: in which `order` requests are served, or what happens to `refused` ones. */
interface StationCase {
  name: string
  question: 'order' | 'refused'
  fault: FaultOf<'capacity'>
}

function one(changes: Omit<FaultOf<'capacity'>, 'type'>): FaultOf<'capacity'> {
  return { type: 'capacity', servers: 1, service: SERVICE_MS, ...changes }
}

export const stationCases: StationCase[] = [
  ...(['fifo', 'lifo', 'random'] as const).map((discipline): StationCase => {
    return { name: `capacity, ${discipline}`, question: 'order', fault: one({ discipline, queue: 10 }) }
  }),
  ...(['status', 'hang', 'reset'] as const).map((onFull): StationCase => {
    return { name: `capacity, full: ${onFull}`, question: 'refused', fault: one({ queue: 1, onFull }) }
  }),
  {
    name: 'capacity, timeout',
    question: 'refused',
    fault: one({ queue: 10, timeout: SERVICE_MS / 4, onFull: 'status' }),
  },
]

/** Index of the waiting request that is served first, in the order of arrival. */
const servedFirst = { fifo: 0, lifo: 2 } as const

/** Counts at the stations of one case. */
interface StationTally {
  /** Rounds in which all requests were waiting before the first was served, and other rounds. */
  rounds: number
  lateRounds: number
  /** How often the first, second and third waiting request was served first. */
  first: number[]
  /** Requests that were served, and requests that were refused. */
  served: number
  refused: number
  /** Requests that the client resent. */
  resent: number
}

/** Checks the knee, every discipline, and what happens to requests that find no place or wait too long. */
export async function checkStations(options: CheckOptions): Promise<CheckRow[]> {
  const rows = [await checkKnee(options)]
  for (const tested of stationCases) rows.push(...(await checkStation(tested, options)))
  return rows
}

/** Checks one case by itself, because the target's report on stations is read often and is long with many stations. */
async function checkStation(tested: StationCase, options: CheckOptions): Promise<CheckRow[]> {
  const ids = Array.from({ length: STATIONS }, (_, at) => `station-${at}`)
  const rules = ids.map(id => ({ id, match: { header: { 'x-station': id } }, fault: tested.fault }))
  const first = Array.from({ length: WAITING }, () => 0)
  const tally: StationTally = { rounds: 0, lateRounds: 0, first, served: 0, refused: 0, resent: 0 }
  const load = { executor: 'per-vu-iterations', vus: STATIONS, iterations: 1, maxDuration: '10m' } as const
  return withRules(options, rules, async control => {
    const client = user('client', {
      async iterate(context) {
        for (let round = 0; round < roundsOf(tested, options); round++)
          await visit(context, options, control, ids[context.vu.id]!, tested, tally)
      },
    })
    const { ledger, result } = await trial(options, tested.name, scenario({ load, users: [client] }))
    const { stations } = ledger.faults
    const lost = stations.reduce((sum, { turnedAway, timedOut }) => sum + turnedAway + timedOut, 0)
    // A request that was reset and resent may have been served the second time.
    tally.resent = sumBy(result.series, 'http_req_resent', ({ name }) => name).get(tested.name) ?? 0
    return rowsOf(tested, tally, lost, options.level)
  })
}

function roundsOf({ question, fault }: StationCase, { rounds }: CheckOptions): number {
  if (question === 'refused') return 1
  return fault.discipline === 'random' ? rounds : Math.min(rounds, 3)
}

/** Sends one request to be served and others to wait behind it, each when the one before has arrived. */
async function visit(
  { http }: Context<unknown>,
  { clock }: CheckOptions,
  control: ControlPlane,
  id: string,
  { question, fault, name }: StationCase,
  tally: StationTally,
): Promise<void> {
  const before = await stationReport(control, id)
  const order: number[] = []
  const visits: Promise<void>[] = []
  const enter = async (ordinal: number) => {
    const response = await http.get(PATH, { headers: { 'x-station': id }, name, timeout: TIMEOUT })
    order.push(ordinal)
    if (response.status === 200) tally.served += 1
    else if (isRefusal(fault.onFull, response)) tally.refused += 1
  }
  let seen = before
  for (let ordinal = 0; ordinal <= WAITING; ordinal++) {
    visits.push(enter(ordinal))
    while (seen.arrived - before.arrived <= ordinal) {
      await clock.sleep(POLL_MS)
      seen = await stationReport(control, id)
    }
  }
  await Promise.all(visits)
  if (question !== 'order') return
  // The station had a choice only if all others were waiting when the first had been served.
  if (seen.served > before.served || seen.queued < WAITING) tally.lateRounds += 1
  else {
    tally.rounds += 1
    tally.first[order[1]! - 1]! += 1
  }
}

function isRefusal(onFull: string | undefined, { status, failure }: { status: number; failure?: string }): boolean {
  if (onFull === 'hang') return failure === 'timeout'
  return onFull === 'reset' ? failure === 'reset' : status === 503
}

function rowsOf({ name, question, fault }: StationCase, tally: StationTally, lost: number, level: number): CheckRow[] {
  const { rounds, lateRounds, first, served, refused, resent } = tally
  if (question === 'refused') {
    return [
      exactRow(`${name}: unserved, by the ledger and the client`, lost, refused + resent),
      exactRow(`${name}: arrivals, and served plus unserved`, STATIONS * (WAITING + 1), served + refused),
    ]
  }
  const tooBusy = lateRounds > rounds ? `in ${lateRounds} rounds, requests came too late to wait` : undefined
  const { discipline = 'fifo' } = fault
  if (discipline !== 'random') {
    const chosen = servedFirst[discipline]
    return [judged(exactRow(`${name}: rounds, and rounds in the right order`, rounds, first[chosen]!), tooBusy)]
  }
  return first.map((injected, at) => {
    const what = `${name}: number ${at + 1} of those who wait is next`
    return judged(shareRow(what, 1 / WAITING, { injected, matched: rounds }, level), tooBusy)
  })
}
