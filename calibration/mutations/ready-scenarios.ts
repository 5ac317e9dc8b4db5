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
/** Something must come again after a stall, so that a follower of a feed knows how long nothing came. */
const FEED_MS = 6000
const FEW = ['--vus', '12']

const FEW_EVENTS = 'its sockets wait for the end of their tokens, and hardly any event comes over them'

export const auditedScenarios: readonly AuditedScenario[] = [
  { name: 'account', durationMs: 15_000, load: FEW },
  { name: 'batch-ingest', durationMs: 30_000, endsByItself: true, load: [] },
  { name: 'browse', durationMs: SHORT_MS, load: FEW },
  { name: 'chat', durationMs: SHORT_MS, load: FEW },
  { name: 'collaboration', durationMs: SHORT_MS, load: FEW },
  { name: 'fan-out', durationMs: 4000, load: ['--vus', '127'] },
  { name: 'flash-sale', durationMs: SHORT_MS, load: [] },
  {
    name: 'graphql',
    durationMs: SHORT_MS,
    load: FEW,
    blindSpots: { wrong_reply: 'its WebSockets only follow, so that no reply on them names a message' },
  },
  { name: 'grpc', durationMs: SHORT_MS, load: FEW },
  {
    name: 'hot-partition',
    durationMs: 12_000,
    load: [],
    blindSpots: { lost_events: 'a member of a group cannot tell a lost event from one that another member got' },
  },
  { name: 'market-data', durationMs: FEED_MS, load: FEW },
  { name: 'mixed-streaming', durationMs: 4000, load: ['--vus', '20'] },
  { name: 'nightly-import', durationMs: SHORT_MS, load: [] },
  // With fewer of them, hardly any event is about one of its customers.
  { name: 'notifications', durationMs: 5000, load: ['--vus', '24'] },
  { name: 'order-producer', durationMs: SHORT_MS, load: ['--rate', '40'] },
  {
    name: 'reconnect-storm',
    durationMs: 7000,
    load: ['--vus', '50'],
    blindSpots: { cut_stream: 'it cuts all connections itself, and others beside them look the same' },
  },
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
  { name: 'sse-consumer', durationMs: FEED_MS, load: FEW },
  { name: 'protocols', durationMs: SHORT_MS, load: FEW },
  { name: 'socketio', durationMs: SHORT_MS, load: FEW },
  { name: 'stomp', durationMs: SHORT_MS, load: FEW },
  { name: 'tasks', durationMs: 5000, load: FEW },
  {
    name: 'token-stampede',
    durationMs: 15_000,
    load: ['--vus', '20'],
    blindSpots: {
      lost_events: FEW_EVENTS,
      repeated_events: FEW_EVENTS,
      reordered_events: FEW_EVENTS,
      silent_stream: FEW_EVENTS,
    },
  },
  { name: 'unhappy-paths', durationMs: 8000, load: ['--vus', '8'] },
]

/** Returns the mutations that a scenario is not meant to notice, with the reason. */
export function blindSpots({ blindSpots = {} }: AuditedScenario): Readonly<Record<string, string | undefined>> {
  return blindSpots
}

const REFUSES = 'it sets faults of its own, and does not run at a target that has others, such as a mutation'
const TOO_LONG = 'each of its runs takes half a minute at least, so that its audit would take some ten minutes'

/** Ready scenarios that are not audited, with the reason. */
export const unauditedScenarios: Readonly<Record<string, string>> = {
  brownout: REFUSES,
  'burst-backlog': TOO_LONG,
  'coordinated-omission': REFUSES,
  'coordinated-omission-closed': REFUSES,
  handshakes: 'it asks for one product again and again, and is about connections',
  'language-model': 'its answers are streams of tokens, which the mutations of JSON and of events do not change',
  'slow-consumers': TOO_LONG,
  'thundering-herd': 'its users, checks and thresholds are those of reconnect-storm, which is audited',
}
