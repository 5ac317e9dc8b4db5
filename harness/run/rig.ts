import type { Mark } from '../metrics/observations.ts'
import { random } from '../../core/random.ts'
import type { Clock } from '../../core/clock.ts'
import type { ClientOptions, HarnessClient } from '../client/client.ts'
import { TurnBudget } from '../user/turn-budget.ts'
import { type Execution, LoadTally } from '../load/execution.ts'
import type { Pacer } from '../load/pacer.ts'
import { isOpen } from '../load/plan.ts'
import type { GeneratorMonitor } from '../metrics/generator-monitor.ts'
import type { Phases } from '../metrics/phases.ts'
import { SnapshotRecorder } from '../metrics/snapshot-recorder.ts'
import { Timeline } from '../metrics/timeline.ts'
import type { Plan } from '../plan/plan.ts'
import { keyPrefixOf } from '../session/exchange-keys.ts'
import { createFake } from '../user/fake.ts'
import { UserPool } from '../user/pool.ts'

/** Everything that one load is driven with and measured by. The warm-up has one of its own, which is thrown away. */
export interface Rig {
  runId: string
  startedAt: number
  execution: Execution
  client: HarnessClient
  recorder: SnapshotRecorder
  tally: LoadTally
  timeline: Timeline
  /** Phases of the run's faults, where they have a timeline. */
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
  /** Takes the target's credentials out of a text, such as an answer that repeats them. */
  conceal: (text: string) => string
  stopping: AbortSignal
  killed: AbortSignal
}

export function createRig(plan: Plan, runId: string, options: RigOptions, phases?: Phases): Rig {
  const { clock, pacer, monitor, targetUrl, version, groupSuffix, createClient, conceal, stopping, killed } = options
  const { connections, http } = plan
  const startedAt = clock.now()
  // A selector may have several readings, and each of them is kept.
  const wanted = plan.thresholds.flatMap(({ metric, readings }) => readings.map(selector => ({ metric, selector })))
  const recorder = new SnapshotRecorder(clock, startedAt, phases, wanted, conceal)
  const tally = new LoadTally()
  const client = createClient({
    targetUrl,
    runId,
    version,
    clock,
    http,
    ...(connections !== undefined && { connections }),
    ...(groupSuffix !== undefined && { groupSuffix }),
  })
  const fakes = createFake({ runId, clock })
  const root = random(plan.seed)
  const users = new UserPool(
    plan.users,
    {
      clock,
      recorder,
      random: root,
      keyPrefix: keyPrefixOf(plan.seed),
      turnBudget: new TurnBudget(),
      equip: session => ({ ...client.contextFor(session), fake: fakes.for(session) }),
    },
    tally,
  )
  // Discards what happened before this rig.
  monitor.read()
  const timeline = new Timeline({
    clock,
    recorder,
    users: tally.users,
    streams: client.streams,
    sockets: client.sockets,
    offered: () => tally.offered,
    monitor,
    startedAt,
    open: isOpen(plan.load),
  })
  const execution = { clock, pacer, recorder, random: root, users, tally, stopping, killed }
  return { runId, startedAt, execution, client, recorder, tally, timeline, phases, marks: [] }
}
