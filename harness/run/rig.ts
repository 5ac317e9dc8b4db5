import type { Mark } from '../metrics/observations.ts'
import { random } from '../../core/random.ts'
import type { Clock } from '../../core/clock.ts'
import type { ClientOptions, HarnessClient } from '../client/client.ts'
import { TurnBudget } from '../user/turn-budget.ts'
import type { Execution } from '../load/execution.ts'
import type { Pacer } from '../load/pacer.ts'
import type { GeneratorMonitor } from '../metrics/generator-monitor.ts'
import type { Phases } from '../metrics/phases.ts'
import { SnapshotRecorder } from '../metrics/snapshot-recorder.ts'
import { Intervals } from '../metrics/intervals.ts'
import { type Share, type Sink, wholeRun } from '../metrics/interval.ts'
import { Measurements } from '../metrics/measurements.ts'
import type { Plan } from '../plan/plan.ts'
import { keyPrefixOf } from '../session/exchange-keys.ts'
import { createFake } from '../user/fake.ts'
import { LoadTally, UserPool } from '../user/pool.ts'

/** Everything that drives and measures one load. The warm-up has its own, which is discarded. */
export interface Rig {
  runId: string
  startedAt: number
  execution: Execution
  client: HarnessClient
  recorder: SnapshotRecorder
  tally: LoadTally
  intervals: Intervals
  /** All intervals so far, merged. */
  measurements: Measurements
  /** Phases of the run's faults, if they have a timeline. */
  phases: Phases | undefined
  marks: Mark[]
}

export interface RigOptions {
  clock: Clock
  pacer: Pacer
  monitor: GeneratorMonitor
  targetUrl: string
  version: string
  groupSuffix?: string
  createClient: (options: ClientOptions) => HarnessClient
  /** Removes the target's credentials from a text, such as an answer that repeats them. */
  conceal: (text: string) => string
  stopping: AbortSignal
  killed: AbortSignal
  share?: Share | undefined
  /** Receives the intervals of this rig in addition to its measurements. */
  sink?: Sink | undefined
}

/** A connection belongs to no request. One object, because values are found by its identity. */
const CONNECTION_TAGS = {}

export function createRig(plan: Plan, runId: string, options: RigOptions, phases?: Phases): Rig {
  const { clock, pacer, monitor, targetUrl, version, groupSuffix, createClient, conceal, stopping, killed } = options
  const { share = wholeRun, sink } = options
  const { connections, engine, http, trace } = plan
  const startedAt = clock.now()
  // A selector may have several readings, and each of them is kept.
  const wanted = plan.thresholds.flatMap(({ metric, readings }) => readings.map(selector => ({ metric, selector })))
  const recorder = new SnapshotRecorder(clock, startedAt, phases, wanted, conceal, share.index)
  const tally = new LoadTally()
  const client = createClient({
    targetUrl,
    runId,
    version,
    clock,
    engine,
    http,
    share,
    startedAt,
    trace,
    onConnected: tookMs => recorder.time('http_connecting', CONNECTION_TAGS, tookMs),
    ...(connections !== undefined && { connections }),
    ...(groupSuffix !== undefined && { groupSuffix }),
  })
  const root = random(plan.seed)
  const users = new UserPool(
    plan.users,
    {
      clock,
      recorder,
      random: root,
      keyPrefix: keyPrefixOf(plan.seed),
      turnBudget: new TurnBudget(),
      equip: session => ({ ...client.contextFor(session), fake: createFake(session, { runId, clock }) }),
    },
    tally,
    share,
  )
  // Discards what happened before this rig.
  monitor.read()
  const measurements = new Measurements()
  const intervals = new Intervals({
    clock,
    recorder,
    users: tally.users,
    streams: client.streams,
    sockets: client.sockets,
    offered: () => tally.offered,
    monitor,
    startedAt,
    worker: share.index,
    sink(interval) {
      measurements.add(interval)
      sink?.(interval)
    },
  })
  const execution = { clock, pacer, recorder, random: root, users, tally, stopping, killed }
  return { runId, startedAt, execution, client, recorder, tally, intervals, measurements, phases, marks: [] }
}
