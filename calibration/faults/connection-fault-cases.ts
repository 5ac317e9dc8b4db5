import type { FaultOf } from '../../contract/faults/fault.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import type { ChatFrame, Context } from '../../harness/scenario.ts'

/** A fault of whole connections, or of the answers on one. */
export interface ConnectionFaultCase {
  name: string
  /** Also the id of its rule. */
  id: string
  wire: 'sse' | 'websocket'
  fault: FaultOf<'disconnect'> | FaultOf<'mute_heartbeats'> | FaultOf<'partial_ack'>
  /** Conditions of its rule besides the header with the id. */
  match: FaultRule['match']
  /**
   * Opens one connection, and counts how often the fault affected it. Undefined if no client of the harness can see the fault.
   * @param allAreCut resolves when all connections that the target decided to cut are gone.
   */
  countAffected?: (context: Context<unknown>, allAreCut: () => Promise<void>) => Promise<number>
}

/** Messages before a connection is cut. The same number is sent again, in case it is not. */
const BEFORE_CUT = 5
/** A close code that nothing else uses. */
const CUT_CODE = 4000
const ABNORMAL = 1006
const PUBLISHES = 10
/** A wait reaches this limit only if the target lost something that it must send. */
const LONGEST_WAIT = '60s'

const disconnects: Record<string, FaultOf<'disconnect'>> = {
  'at once': { type: 'disconnect' },
  'after 5 messages': { type: 'disconnect', afterMessages: BEFORE_CUT },
  'after a time': { type: 'disconnect', after: 50 },
  'with a code, after 5 messages': { type: 'disconnect', code: CUT_CODE, afterMessages: BEFORE_CUT },
}

const onStreams = { wire: 'sse', match: { operation: 'streams.*' } } as const
const onSockets = { wire: 'websocket', match: { operation: 'sockets.chat' } } as const

export const connectionFaultCases: ConnectionFaultCase[] = [
  ...Object.entries(disconnects).map(([name, fault], index): ConnectionFaultCase => {
    const id = `sse.disconnect-${index}`
    const countAffected: ConnectionFaultCase['countAffected'] = (...seen) => isStreamCut(id, ...seen).then(Number)
    return { name: `disconnect ${name}, SSE`, id, ...onStreams, fault, countAffected }
  }),
  { name: 'mute_heartbeats, SSE', id: 'sse.mute', ...onStreams, fault: { type: 'mute_heartbeats' } },
  ...Object.entries(disconnects).map(([name, fault], index): ConnectionFaultCase => {
    const id = `websocket.disconnect-${index}`
    const countAffected: ConnectionFaultCase['countAffected'] = (...seen) =>
      isSocketCut(id, fault.code ?? ABNORMAL, ...seen).then(Number)
    return { name: `disconnect ${name}, WebSocket`, id, ...onSockets, fault, countAffected }
  }),
  {
    name: 'mute_heartbeats, WebSocket',
    id: 'websocket.mute',
    ...onSockets,
    fault: { type: 'mute_heartbeats' },
    countAffected: context => isMuted('websocket.mute', context).then(Number),
  },
  {
    name: 'partial_ack, WebSocket',
    id: 'websocket.ack',
    wire: 'websocket',
    // Only answers about a room.
    match: { operation: 'sockets.chat', channel: 'room:*' },
    fault: { type: 'partial_ack' },
    countAffected: context => missingAcknowledgements('websocket.ack', context),
  },
]

async function isStreamCut(
  id: string,
  { http, sse, auth, fake, vu }: Context<unknown>,
  allAreCut: () => Promise<void>,
): Promise<boolean> {
  const stream = `cut-${vu.id}`
  const publish = async (count: number) => {
    await auth.clientCredentials('producer-service', 'producer-secret', 'events.write')
    const events = Array.from({ length: count }, () => fake.event('job.created', {}))
    await http.post('/v1/events/batch', { json: { stream, events } })
  }
  await publish(2 * BEFORE_CUT)
  await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
  let [isOver, isEnded] = [false, false]
  void allAreCut().then(() => {
    isOver = true
    // One more event wakes a consumer that was not cut.
    return isEnded ? undefined : publish(1)
  })
  const options = { headers: { 'x-fault': id }, until: LONGEST_WAIT, silence: false, reconnect: false } as const
  for await (const _ of sse.open(`/v1/streams/${stream}?from=earliest`, options)) if (isOver) return false
  isEnded = true
  return true
}

async function isSocketCut(
  id: string,
  code: number,
  context: Context<unknown>,
  allAreCut: () => Promise<void>,
): Promise<boolean> {
  const socket = await openChat(id, context)
  for (let ordinal = 0; ordinal < 2 * BEFORE_CUT; ordinal++) await socket.send({ action: 'ping' })
  const closed = socket.receive(() => false, { timeout: LONGEST_WAIT }).catch(() => {})
  await Promise.race([closed, allAreCut()])
  const isClosed = socket.closed?.code === code
  await socket.close()
  return isClosed
}

/** Asks for pongs, and then for an answer that the fault spares. A pong that has not arrived before that answer is missing. */
async function isMuted(id: string, context: Context<unknown>): Promise<boolean> {
  const socket = await openChat(id, context)
  let pongs = 0
  const count = (pong: unknown) => {
    if (pong !== undefined) pongs += 1
  }
  const asked = [
    socket.ping({ timeout: LONGEST_WAIT }).then(count),
    socket.request({ action: 'ping' }, { type: 'pong' }, { timeout: LONGEST_WAIT }).then(count),
  ]
  await socket.request({ action: 'history', channel: 'room:any' }, { type: 'history' }, { timeout: LONGEST_WAIT })
  const isMuted = pongs === 0
  await socket.close()
  await Promise.all(asked)
  return isMuted
}

/** Publishes messages, and then asks for a pong, which arrives after all acknowledgements. */
async function missingAcknowledgements(id: string, context: Context<unknown>): Promise<number> {
  const { vu, fake } = context
  const socket = await openChat(id, context)
  for (let ordinal = 0; ordinal < PUBLISHES; ordinal++) {
    const message = { id: fake.id('m'), text: 'Anybody there?' }
    await socket.send({ action: 'publish', channel: `room:${id}-${vu.id}`, message })
  }
  await socket.send({ action: 'ping' })
  let missing = PUBLISHES
  for (;;) {
    const frame = await socket.receive(undefined, { timeout: LONGEST_WAIT })
    if (frame === undefined || frame.type === 'pong') return missing
    if (frame.type === 'message_ack') missing -= 1
  }
}

function openChat(id: string, { ws, vu }: Context<unknown>) {
  return ws.open<ChatFrame>('/ws/chat', {
    query: { token: `demo-jwt-token-${vu.id}` },
    headers: { 'x-fault': id },
    silence: false,
  })
}
