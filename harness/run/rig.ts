import { type Random, random } from '../../core/random.ts'
import type { Clock } from '../../core/clock.ts'
import type { ClientOptions, HarnessClient } from '../client/client.ts'
import { TurnBudget } from '../user/turn-budget.ts'
import type { Execution, RunControl } from '../load/execution.ts'
import { randomOf, type RunLoad } from '../load/run-load.ts'
import { Steering } from '../load/steering.ts'
import { type UserIds, userIdsOf } from '../load/user-ids.ts'
import type { Pacer } from '../load/pacer.ts'
import type { GeneratorMonitor } from '../metrics/generator-monitor.ts'
import type { Phases } from '../metrics/phases.ts'
import { SnapshotRecorder } from '../metrics/snapshot-recorder.ts'
import { Intervals } from '../metrics/intervals.ts'
import type { Share, Sink } from '../metrics/interval.ts'
import type { Selection } from '../metrics/snapshot.ts'
import { TagSets } from '../metrics/tag-sets.ts'
import { recordValueOf } from '../user/own-values.ts'
import type { Plan } from '../plan/plan.ts'
import type { SharedResult } from '../scenario/setup.ts'
import { keyPrefixOf } from '../session/exchange-keys.ts'
import { equipping, userClientOptions } from './client-options.ts'
import { LoadTally, UserPool } from '../user/pool.ts'

/** A load, and what its executor works with. */
export interface DrivenLoad {
  load: RunLoad
  execution: Execution
}

/** Everything that drives and measures a worker's share of the loads of a run. The warm-up has its own. */
export interface Rig {
  runId: string
  startedAt: number
  execution: RunControl
  loads: readonly DrivenLoad[]
  client: HarnessClient
  recorder: SnapshotRecorder
  tally: LoadTally
  intervals: Intervals
}

export interface RigOptions {
  clock: Clock
  pacer: Pacer
  monitor: GeneratorMonitor
  targetUrl: string
  /** Whether requests tell the target their run and key; default true. */
  identify?: boolean | undefined
  version: string
  groupSuffix?: string
  createClient: (options: ClientOptions) => HarnessClient
  /** Removes the target's credentials from a text, such as an answer that repeats them. */
  conceal: (text: string) => string
  stopping: AbortSignal
  killed: AbortSignal
  share: Share
  /** Agrees with other workers when the arrivals of a load begin, by its index. */
  agreeOnStart: (load: number) => Promise<number>
  /** Gives users what the setup of the scenario returned. */
  shared: SharedResult
  /** When the phase begins, in monotonic ms. */
  startedAt: number
  /** Phases of the run's faults, if they have a timeline. */
  phases?: Phases | undefined
  sink: Sink
}

/** A connection belongs to no request. One object, because values are found by its identity. */
const CONNECTION_TAGS = {}

export function createRig(plan: Plan, runId: string, options: RigOptions): Rig {
  const { clock, pacer, monitor, targetUrl, version, groupSuffix, createClient, conceal, stopping, killed } = options
  const { share, sink, startedAt, phases } = options
  const wanted = wantedOf(plan)
  const recorder = new SnapshotRecorder(clock, startedAt, phases, wanted, conceal, share.index)
  const tagSets = new TagSets(
    plan.vocabulary.requestTags,
    wanted.map(({ selector }) => selector),
  )
  const tally = new LoadTally()
  const client = createClient({
    ...userClientOptions(plan),
    targetUrl,
    identify: options.identify,
    runId,
    version,
    clock,
    share,
    startedAt,
    tagSets,
    onConnected({ tookMs, handshakeMs }) {
      recorder.time('http_connecting', CONNECTION_TAGS, tookMs)
      if (handshakeMs !== undefined) recorder.time('tls_handshaking', CONNECTION_TAGS, handshakeMs)
    },
    onSocketConnected({ handshakeMs }) {
      if (handshakeMs !== undefined) recorder.time('tls_handshaking', CONNECTION_TAGS, handshakeMs)
    },
    ...(groupSuffix !== undefined && { groupSuffix }),
  })
  const execution = { clock, pacer, stopping, killed }
  const root = random(plan.seed)
  const keyPrefix = keyPrefixOf(plan.seed)
  const turnBudget = new TurnBudget()
  const recordValue = recordValueOf([...plan.vocabulary.custom.values()], tagSets)
  const equip = equipping(client, { shared: options.shared, runId, clock })
  const ids = userIdsOf(plan.loads)
  const loads = plan.loads.map((load, index): DrivenLoad => {
    const own = partOf(load, { root, recorder, tally }, share.index + share.of * index)
    const { name } = load
    const shared = {
      clock,
      keyPrefix,
      turnBudget,
      tagSets,
      recordValue,
      idOf: ids[index] as UserIds,
      load: name,
      equip,
    }
    const users = new UserPool(load.users, { ...shared, ...own }, own.tally, share)
    // Where no user has anything to begin, all workers are ready at once.
    const waits = share.of > 1 && load.users.some(({ behaviour }) => behaviour.begin !== undefined)
    const agreeOnStart = waits ? () => options.agreeOnStart(index) : undefined
    const steering = new Steering(startedAt, load.startMs)
    return { load, execution: { ...execution, ...own, users, agreeOnStart, steering } }
  })
  // Discards what happened before this rig.
  monitor.read()
  const intervals = new Intervals({
    clock,
    recorder,
    users: tally.users,
    streams: client.streams,
    sockets: client.sockets,
    tally,
    ...(plan.loads.some(({ name }) => name !== undefined) && {
      loads: loads.map(({ load: { name = '' }, execution: { tally } }) => ({ name, tally })),
    }),
    monitor,
    startedAt,
    worker: share.index,
    sink,
  })
  return { runId, startedAt, execution, loads, client, recorder, tally, intervals }
}

/**
 * Returns the series that thresholds ask for. A selector may have several readings, and each of them is kept. Samples get their
 * place only when they are merged.
 */
function wantedOf({ thresholds }: Plan): Selection[] {
  return thresholds.flatMap(({ metric, readings }) =>
    readings.map(reading => {
      const { place: _, ...selector } = reading
      return { metric, selector }
    }),
  )
}

/** The part that a load has for itself: the same seed and name give the same randomness, whatever other loads there are. */
type OwnPart = Pick<Execution, 'random' | 'recorder' | 'tally'>

function partOf(
  load: RunLoad,
  { root, recorder, tally }: { root: Random; recorder: SnapshotRecorder; tally: LoadTally },
  owner: number,
): OwnPart {
  const { name } = load
  if (name === undefined) return { random: root, recorder, tally }
  return {
    random: randomOf(root, load),
    recorder: recorder.ofLoad(name, owner),
    tally: new LoadTally(tally),
  }
}
