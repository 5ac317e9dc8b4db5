import type { FaultOf, requestFaults, streamFaults } from '../../../contract/faults/fault.ts'
import type { ExecutorName } from '../../../harness/load/plan.ts'
import type { Load, SingleLoadScenario } from '../../../harness/scenario.ts'
import type { HarnessCheckSize } from '../bench.ts'
import type { CountCase } from './count-case.ts'
import { CASE_HEADER, countedUsers } from './count-users.ts'
import { halfReadCases } from './half-read.ts'

/** The kinds of users that count. */
const KINDS = 5
const FAULTY_SHARE = 0.3
/** When a signal comes, long before the run would end. */
export const SIGNAL_AFTER_MS = 400
const CUT_AT_MS = 500

/** Every executor. Users that a run ends early are interrupted, so that this is counted as well. */
const loads: { [Executor in ExecutorName]: (seconds: number) => Load & { executor: Executor } } = {
  'constant-vus': seconds => ({ executor: 'constant-vus', vus: 2 * KINDS, duration: 1000 * seconds }),
  'ramping-vus': seconds => ({
    executor: 'ramping-vus',
    startVUs: KINDS,
    stages: [
      { duration: 500 * seconds, target: 3 * KINDS },
      { duration: 500 * seconds, target: KINDS },
    ],
  }),
  'per-vu-iterations': seconds => ({
    executor: 'per-vu-iterations',
    vus: 2 * KINDS,
    iterations: Math.ceil(4 * seconds),
  }),
  'shared-iterations': seconds => ({
    executor: 'shared-iterations',
    vus: 2 * KINDS,
    iterations: Math.ceil(40 * seconds),
  }),
  'constant-arrival-rate': seconds => ({
    executor: 'constant-arrival-rate',
    rate: 60,
    duration: 1000 * seconds,
    preAllocatedVUs: 2 * KINDS,
    // So few that some arrivals are dropped.
    maxVUs: 3 * KINDS,
  }),
  'ramping-arrival-rate': seconds => ({
    executor: 'ramping-arrival-rate',
    startRate: 20,
    stages: [{ duration: 1000 * seconds, target: 80 }],
    preAllocatedVUs: 4 * KINDS,
    arrivals: 'poisson',
  }),
}

/** Those of TLS handshakes need a target with TLS, and are calibrated with the faults. */
type CountedFault = keyof typeof requestFaults | keyof typeof streamFaults

/** Every fault of requests and streams. */
const countedFaults: { [Type in CountedFault]: FaultOf<Type> } = {
  delay: { type: 'delay', distribution: 30 },
  status: { type: 'status', status: 503 },
  reset: { type: 'reset' },
  hang: { type: 'hang' },
  close_early: { type: 'close_early', afterBytes: 20 },
  dribble: { type: 'dribble', bytesPerSecond: 20_000 },
  corrupt: { type: 'corrupt', how: 'truncated_json' },
  stall: { type: 'stall', duration: 10 },
  capacity: { type: 'capacity', servers: 1, service: 5, queue: 1 },
  drop: { type: 'drop' },
  duplicate: { type: 'duplicate' },
  reorder: { type: 'reorder', distance: 2 },
  mute_heartbeats: { type: 'mute_heartbeats' },
  disconnect: { type: 'disconnect', afterMessages: 2 },
  malformed: { type: 'malformed' },
  partial_ack: { type: 'partial_ack' },
  misdirected_ack: { type: 'misdirected_ack' },
}

const seconds: Record<HarnessCheckSize, number> = { quick: 0.75, full: 5 }
/** Responses that are given up by their timeout. */
const halfRead: Record<HarnessCheckSize, number> = { quick: 2, full: 10 }

/** Returns the case of an executor without faults. */
export function executorCase(executor: ExecutorName, size: HarnessCheckSize): CountCase {
  return undisturbed(`executor ${executor}`, loads[executor](seconds[size]))
}

/** Returns a case with this many plain requests. */
export function requestsCase(requests: number): CountCase {
  const load = { executor: 'shared-iterations', vus: 10, iterations: requests } as const
  const { definition, ...plain } = undisturbed('plain requests', load)
  return { ...plain, definition: { ...definition, users: definition.users.filter(({ name }) => name === 'reader') } }
}

/** Returns the case of one fault. */
export function faultCase(type: CountedFault, size: HarnessCheckSize): CountCase {
  const id = `count-${type.replaceAll('_', '-')}`
  const match = { header: { [CASE_HEADER]: id } }
  return {
    name: `fault ${type}`,
    isWhole: false,
    rules: [{ id, match, share: FAULTY_SHARE, fault: countedFaults[type] }],
    definition: { load: loads['per-vu-iterations'](seconds[size]), users: countedUsers(id, type === 'hang') },
  }
}

/** Returns the cases that run at the same time; those that disturb the others run alone. */
export function countCases(size: HarnessCheckSize): { together: CountCase[]; alone: CountCase[] } {
  const endless = { executor: 'constant-vus', vus: 4 * KINDS, duration: '1m' } as const
  const cutAtMs = CUT_AT_MS * seconds[size]
  const disturbed = { executor: 'constant-vus', vus: 4 * KINDS, duration: 2 * cutAtMs } as const
  return {
    together: [
      ...(Object.keys(loads) as ExecutorName[]).map(executor => executorCase(executor, size)),
      ...(Object.keys(countedFaults) as CountedFault[]).map(type => faultCase(type, size)),
      { ...undisturbed('graceful signal', endless), isWhole: false, end: 'signal' },
      { ...undisturbed('signal to stop at once', endless), isWhole: false, end: 'kill' },
    ],
    alone: [
      undisturbed('disturbance', disturbed, { disturb: [{ at: cutAtMs, disconnect: 0.5 }] }),
      ...halfReadCases(halfRead[size]),
    ],
  }
}

function undisturbed(name: string, load: Load, others: Pick<SingleLoadScenario, 'disturb'> = {}): CountCase {
  const id = name.replaceAll(/[^a-z]+/g, '-')
  return { name, rules: [], isWhole: true, definition: { load, users: countedUsers(id, false), ...others } }
}
