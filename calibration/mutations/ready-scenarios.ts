/** A ready scenario whose checks are audited. */
export interface AuditedScenario {
  name: string
  /** Length of each of its runs. One that ends with its iterations is stopped after this time, if it has not ended. */
  durationMs: number
  endsByItself?: true
  /** Its load in `loadcell run`: small, because only its checks are audited. */
  load: readonly string[]
  /** Mutations that it is not meant to notice, with the reason. */
  blindSpots?: Readonly<Record<string, string>>
}

const SHORT_MS = 3000
const FEW = ['--vus', '12']

export const auditedScenarios: readonly AuditedScenario[] = [
  { name: 'account', durationMs: 15_000, load: FEW },
  { name: 'batch-ingest', durationMs: 30_000, endsByItself: true, load: [] },
  { name: 'browse', durationMs: SHORT_MS, load: FEW },
  { name: 'chat', durationMs: SHORT_MS, load: FEW },
  { name: 'collaboration', durationMs: SHORT_MS, load: FEW },
  { name: 'market-data', durationMs: SHORT_MS, load: FEW },
  { name: 'notifications', durationMs: SHORT_MS, load: FEW },
  { name: 'order-producer', durationMs: SHORT_MS, load: ['--rate', '40'] },
  {
    name: 'reports',
    durationMs: 30_000,
    endsByItself: true,
    load: [],
    blindSpots: {
      null_field: 'jobs.follow asks again when an answer has no state of the job',
    },
  },
  { name: 'shop', durationMs: SHORT_MS, load: FEW },
  {
    name: 'sse-consumer',
    durationMs: SHORT_MS,
    load: FEW,
    blindSpots: { stall: 'the feed of events stands still with the target, so nothing comes late' },
  },
  { name: 'tasks', durationMs: 5000, load: FEW },
]

/** Returns the mutations that a scenario is not meant to notice, with the reason. */
export function blindSpots({ blindSpots = {} }: AuditedScenario): Readonly<Record<string, string | undefined>> {
  return blindSpots
}

/** Ready scenarios that are not audited, with the reason. */
export const unauditedScenarios: Readonly<Record<string, string>> = {
  brownout: 'it sets faults of its own, and so expects failures',
  'burst-backlog': 'its thresholds need a run that is longer than those of an audit',
  'coordinated-omission': 'it sets faults of its own, to show what a stall does to the numbers',
  'coordinated-omission-closed': 'it sets faults of its own, to show what a stall does to the numbers',
  'fan-out': 'its load is too large for many runs',
  'hot-partition': 'it shows how a partition falls behind, and checks no answers',
  'mixed-streaming': 'its parts are order-producer and sse-consumer, which are audited',
  'reconnect-storm': 'it cuts connections itself',
  'slow-consumers': 'it reads too slowly on purpose, so that events are dropped',
  'thundering-herd': 'it cuts connections itself',
  'token-stampede': 'it needs 15 s for each run and a slow identity service; account is audited',
  'unhappy-paths': 'it provokes every kind of failure, and expects it',
}
