import type { FaultRule } from '../contract/faults/rule.ts'
import type { LedgerReport } from '../contract/ledger.ts'
import { wilsonInterval } from '../core/wilson.ts'
import { type ChatFrame, type Context, scenario, type UserDefinition, user } from '../harness/scenario.ts'
import { type CheckRow, checkRow, exactRow } from './check-row.ts'
import { FaultsClient } from './faults-client.ts'
import { trial, type TrialOptions } from './trial.ts'

/** Of messages: each has streams of its own, by its name. */
const messageFaults = {
  drop: { type: 'drop' },
  duplicate: { type: 'duplicate' },
  reorder: { type: 'reorder', distance: 3 },
  malformed: { type: 'malformed' },
  delay: { type: 'delay', at: 'per_message', distribution: 20 },
  stall: { type: 'stall', duration: 2 },
} as const
type MessageFault = keyof typeof messageFaults
const messageFaultNames = Object.keys(messageFaults) as MessageFault[]

const SHARE = 0.1
const CONNECTION_SHARE = 0.5
const READERS = 2
const MOST_IN_A_BATCH = 100
/** So many are sent before a connection is cut, and as many more would come. */
const BEFORE_CUT = 5
/** Long against what an answer takes, also on a busy machine. */
const PATIENCE = '1s'
const READ_FOR = '4s'
const SOCKET_PUBLISHES = 10

const rules: FaultRule[] = [
  ...messageFaultNames.map(
    (id): FaultRule => ({
      id,
      match: { operation: 'streams.read', channel: `${id}-*` },
      share: SHARE,
      scope: 'message',
      fault: messageFaults[id],
    }),
  ),
  {
    id: 'disconnect',
    match: { operation: 'streams.read', path: '/v1/streams/cut-*' },
    share: CONNECTION_SHARE,
    fault: { type: 'disconnect', afterMessages: BEFORE_CUT },
  },
  {
    id: 'mute_heartbeats',
    match: { operation: 'sockets.chat', header: { 'x-fault': 'mute' } },
    share: CONNECTION_SHARE,
    fault: { type: 'mute_heartbeats' },
  },
  {
    id: 'partial_ack',
    match: { operation: 'sockets.chat', header: { 'x-fault': 'ack' }, channel: 'room:*' },
    share: SHARE,
    fault: { type: 'partial_ack' },
  },
]

export interface StreamFaultsCheckOptions extends TrialOptions {
  /** Of each stream; a multiple of a hundred. */
  events: number
  /** Of each fault that is decided by connection. */
  connections: number
  /** Of each interval. */
  level: number
}

/** What clients have seen that were struck. */
interface Seen {
  /** Offsets by stream, in the order in which they came. */
  offsets: Map<string, number[]>
  cut: number
  muted: number
  unacknowledged: number
}

/** Every fault of streams and WebSockets on real sockets, as `checkRequestFaults` does those of requests. Takes streams of one partition. */
export async function checkStreamFaults(options: StreamFaultsCheckOptions): Promise<CheckRow[]> {
  const { events, connections } = options
  const faults = new FaultsClient(options)
  for (const rule of rules) await faults.set(rule)
  const seen: Seen = { offsets: new Map(), cut: 0, muted: 0, unacknowledged: 0 }
  const users = [
    ...messageFaultNames.map(name => reader(name, events, seen)),
    cutReader(connections, seen),
    mutedSocket(connections, seen),
    publisher(connections, seen),
  ]
  try {
    const vus = users.reduce((sum, { share = 1 }) => sum + share, 0)
    const { result, ledger } = await trial(
      options,
      'faults of streams',
      scenario({ load: { executor: 'per-vu-iterations', vus, iterations: 1 }, users }),
    )
    return rowsOf(ledger, { ...options, seen, outOfOrder: result.totals.events.outOfOrder })
  } finally {
    for (const { id } of rules) await faults.remove(id)
  }
}

function rowsOf(
  ledger: LedgerReport,
  { seen, outOfOrder, events, level }: StreamFaultsCheckOptions & { seen: Seen; outOfOrder: number },
): CheckRow[] {
  const ruleOf = (id: string) => ledger.faults.rules.find(rule => rule.id === id)
  const injected = (id: string) => ruleOf(id)?.injected ?? 0
  const of = (name: MessageFault) =>
    [...seen.offsets].filter(([stream]) => stream.startsWith(`${name}-`)).map(([, all]) => all)
  const distinct = (name: MessageFault) => of(name).reduce((sum, offsets) => sum + new Set(offsets).size, 0)
  const received = (name: MessageFault) => of(name).reduce((sum, offsets) => sum + offsets.length, 0)
  const reordered = ledger.streams.deliveries.reduce((sum, account) => sum + (account.injected?.reordered ?? 0), 0)
  const all = READERS * events
  return [
    ...rules.map(({ id, share = 1 }) => {
      const { matched = 0 } = ruleOf(id) ?? {}
      const interval = wilsonInterval(injected(id), matched, level)
      return checkRow(`${id}: share struck`, 'share', { theory: share, observed: injected(id) / matched, interval })
    }),
    exactRow('drop: in the ledger, and never seen', injected('drop'), all - distinct('drop')),
    exactRow(
      'duplicate: in the ledger, and seen again',
      injected('duplicate'),
      received('duplicate') - distinct('duplicate'),
    ),
    exactRow('reorder: sent behind later ones, and seen behind them', reordered, outOfOrder),
    exactRow('reorder: published, and seen once each', all, received('reorder')),
    exactRow('malformed: in the ledger, and not legible', injected('malformed'), all - distinct('malformed')),
    ...(['delay', 'stall'] as const).flatMap(name => [
      exactRow(`${name}: in the ledger, and made`, injected(name), ruleOf(name)?.actualDelay?.count ?? 0),
      exactRow(`${name}: published, and seen once each`, all, received(name)),
    ]),
    exactRow('disconnect: in the ledger, and cut', injected('disconnect'), seen.cut),
    exactRow('mute_heartbeats: in the ledger, and without a pong', injected('mute_heartbeats'), seen.muted),
    exactRow('partial_ack: in the ledger, and without an answer', injected('partial_ack'), seen.unacknowledged),
  ]
}

/** Publishes to a stream of its own, and reads it from its beginning. @returns the offsets that came. */
async function readOwn(
  { http, sse, auth, fake }: Context<unknown>,
  stream: string,
  events: number,
  reconnect: boolean,
): Promise<number[]> {
  await auth.clientCredentials('producer-service', 'producer-secret', 'events.write')
  for (let left = events; left > 0; left -= MOST_IN_A_BATCH) {
    const batch = Array.from({ length: Math.min(left, MOST_IN_A_BATCH) }, () => fake.event('job.created', {}))
    await http.post('/v1/events/batch', { json: { stream, events: batch } })
  }
  await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
  const offsets: number[] = []
  for await (const { event } of sse.open(`/v1/streams/${stream}?from=earliest`, { until: READ_FOR, reconnect })) {
    offsets.push(event.offset)
  }
  return offsets
}

function reader(name: MessageFault, events: number, seen: Seen): UserDefinition {
  return user(`${name} reader`, {
    share: READERS,
    async iterate(context) {
      const stream = `${name}-${context.vu.id}`
      const offsets = await readOwn(context, stream, events, true)
      seen.offsets.set(stream, offsets)
    },
  })
}

function cutReader(share: number, seen: Seen): UserDefinition {
  return user('cut reader', {
    share,
    async iterate(context) {
      const { length } = await readOwn(context, `cut-${context.vu.id}`, 2 * BEFORE_CUT, false)
      if (length < 2 * BEFORE_CUT) seen.cut += 1
    },
  })
}

function mutedSocket(share: number, seen: Seen): UserDefinition {
  return user('muted socket', {
    share,
    async iterate({ ws, vu }) {
      const socket = await ws.open<ChatFrame>('/ws/chat', {
        query: { token: `demo-jwt-token-${vu.id}` },
        headers: { 'x-fault': 'mute' },
      })
      if ((await socket.ping({ timeout: PATIENCE })) === undefined) seen.muted += 1
    },
  })
}

function publisher(share: number, seen: Seen): UserDefinition {
  return user('publisher', {
    share,
    async iterate({ ws, vu, fake }) {
      const room = `ack-${vu.id}`
      const socket = await ws.open<ChatFrame>('/ws/chat', {
        query: { token: `demo-jwt-token-${vu.id}` },
        headers: { 'x-fault': 'ack' },
      })
      for (let ordinal = 0; ordinal < SOCKET_PUBLISHES; ordinal++) {
        const message = { id: fake.id('m'), senderId: room, text: 'Anybody there?', sentAt: ordinal }
        const asked = { action: 'publish', channel: `room:${room}`, message }
        const answer = await socket.request(asked, { type: 'message_ack' }, { timeout: PATIENCE })
        if (answer === undefined) seen.unacknowledged += 1
      }
    },
  })
}
