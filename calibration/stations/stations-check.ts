import { wilsonInterval } from '../../core/wilson.ts'
import { type Context, scenario, user } from '../../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow, judged } from '../check-row.ts'
import { FaultsClient } from '../faults-client.ts'
import { checkKnee } from './knee-check.ts'
import { servedFirst, type StationCase, stationCases } from './station-cases.ts'
import { sumBy } from '../rows.ts'
import { trial, type TrialOptions } from '../trial.ts'

/** At work at the same time. */
const STATIONS = 6
const WAITING = 3
const PATH = '/api/v1/products/1'
const POLL_MS = 2
const TIMEOUT = '5s'

export interface StationsCheckOptions extends TrialOptions {
  /** Length of the look at the knee. */
  durationMs: number
  /** How often each station of the discipline `random` chooses. */
  rounds: number
  /** Level of each interval. */
  level: number
}

/** Counts at the stations of one case. */
interface StationTally {
  /** Rounds in which all waited before the first was through, and those in which they did not. */
  rounds: number
  lateRounds: number
  /** How often the first, second and third to wait was served first. */
  first: number[]
  /** Requests that were answered, and those that were not served. */
  served: number
  refused: number
  /** Requests that the client sent once more. */
  resent: number
}

/** The knee, every discipline, and what becomes of those who find no place or wait too long. */
export async function checkStations(options: StationsCheckOptions): Promise<CheckRow[]> {
  const rows = [await checkKnee(options)]
  for (const tested of stationCases) rows.push(...(await checkStation(tested, options)))
  return rows
}

/** By itself: what the target tells of its stations is asked for often, and is long where there are many. */
async function checkStation(tested: StationCase, options: StationsCheckOptions): Promise<CheckRow[]> {
  const faults = new FaultsClient(options)
  const ids = Array.from({ length: STATIONS }, (_, at) => `station-${at}`)
  const tally = emptyTally()
  for (const id of ids) await faults.set({ id, match: { header: { 'x-station': id } }, fault: tested.fault })
  try {
    const { ledger, result } = await trial(
      options,
      tested.name,
      scenario({
        load: { executor: 'per-vu-iterations', vus: STATIONS, iterations: 1, maxDuration: '10m' },
        users: [
          user('client', {
            async iterate(context) {
              for (let round = 0; round < roundsOf(tested, options); round++)
                await visit(context, options, faults, ids[context.vu.id]!, tested, tally)
            },
          }),
        ],
      }),
    )
    const { stations } = ledger.faults
    const lost = stations.reduce((sum, { turnedAway, timedOut }) => sum + turnedAway + timedOut, 0)
    // One that was turned away by a reset and sent once more may have been served then.
    tally.resent = sumBy(result.series, 'http_req_resent', ({ name }) => name).get(tested.name) ?? 0
    return rowsOf(tested, tally, lost, options.level)
  } finally {
    for (const id of ids) await faults.remove(id)
  }
}

function roundsOf({ question, fault }: StationCase, { rounds }: StationsCheckOptions): number {
  if (question === 'refused') return 1
  return fault.discipline === 'random' ? rounds : Math.min(rounds, 3)
}

/** One who is served, and as many behind it as are to wait, each sent once the one before is seen to be there. */
async function visit(
  { http }: Context<unknown>,
  { clock }: StationsCheckOptions,
  faults: FaultsClient,
  id: string,
  { question, fault, name }: StationCase,
  tally: StationTally,
): Promise<void> {
  const before = await faults.station(id)
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
      seen = await faults.station(id)
    }
  }
  await Promise.all(visits)
  if (question !== 'order') return
  // All were there before the first was through: else there was nobody to choose from.
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
  const tooBusy = lateRounds > rounds ? `in ${lateRounds} rounds they came too late to wait` : undefined
  const { discipline = 'fifo' } = fault
  if (discipline !== 'random') {
    const chosen = servedFirst[discipline]
    return [judged(exactRow(`${name}: rounds, and rounds in the right order`, rounds, first[chosen]!), tooBusy)]
  }
  return first.map((count, at) => {
    const interval = wilsonInterval(count, rounds, level)
    const what = `${name}: number ${at + 1} of those who wait is next`
    const row = checkRow(what, 'share', { theory: 1 / WAITING, observed: count / rounds, interval })
    return judged(row, tooBusy)
  })
}

function emptyTally(): StationTally {
  return { rounds: 0, lateRounds: 0, first: Array.from({ length: WAITING }, () => 0), served: 0, refused: 0, resent: 0 }
}
