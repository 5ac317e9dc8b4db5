import { random } from '../../core/random.ts'
import { TurnBudget } from '../../harness/user/turn-budget.ts'
import type { Execution } from '../../harness/load/execution.ts'
import { Steering } from '../../harness/load/steering.ts'
import { wholeRun } from '../../harness/metrics/interval.ts'
import type { CustomMetric } from '../../harness/metrics/custom-metric.ts'
import { TagSets } from '../../harness/metrics/tag-sets.ts'
import { recordValueOf } from '../../harness/user/own-values.ts'
import { SnapshotRecorder } from '../../harness/metrics/snapshot-recorder.ts'
import type { Context } from '../../harness/scenario/context.ts'
import type { Behaviour } from '../../harness/scenario.ts'
import { LoadTally, UserPool } from '../../harness/user/pool.ts'
import type { Session } from '../../harness/session/session.ts'
import type { UserPlan } from '../../harness/user/user-kind.ts'
import { FakeClock } from './fake-clock.ts'

/** An execution on a fake clock: no clients, a pacer that is never late. */
export function fakeFloor(
  users: (Partial<UserPlan> & { behaviour: Behaviour<unknown> })[],
  share = wholeRun,
  {
    load,
    firstId = 0,
    clock = new FakeClock(),
    metrics = [],
  }: { load?: string; firstId?: number; clock?: FakeClock; metrics?: readonly CustomMetric[] } = {},
) {
  const tagSets = new TagSets()
  const recorder = new SnapshotRecorder(clock, 0)
  const tally = new LoadTally()
  const stop = new AbortController()
  const kill = new AbortController()
  const sessions: Session[] = []
  const root = load === undefined ? random(1) : random(1).fork('load', load)
  const execution: Execution = {
    clock,
    recorder,
    tally,
    pacer: { waitUntil: (dueAt, signal) => clock.sleep(dueAt - clock.now(), signal), idleSpinMs: 0 },
    random: root,
    users: new UserPool(
      users.map((user, index) => ({ name: `user ${index}`, share: 1, ...user })),
      {
        clock,
        recorder,
        random: root,
        keyPrefix: '1',
        load,
        idOf: ordinal => firstId + ordinal,
        turnBudget: new TurnBudget(),
        tagSets,
        recordValue: recordValueOf(metrics, tagSets),
        equip: session => {
          sessions.push(session)
          return {} as Pick<
            Context<unknown>,
            | 'http'
            | 'sse'
            | 'ws'
            | 'graphql'
            | 'stomp'
            | 'grpc'
            | 'socketio'
            | 'llm'
            | 'auth'
            | 'cookies'
            | 'jobs'
            | 'fake'
            | 'shared'
          >
        },
      },
      tally,
      share,
    ),
    stopping: stop.signal,
    killed: kill.signal,
    steering: new Steering(0, 0),
  }
  return { clock, recorder, snapshot: recorder.snapshot, tally, execution, sessions, stop, kill }
}
