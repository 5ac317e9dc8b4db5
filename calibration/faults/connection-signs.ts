import type { ChatFrame, Context } from '../../harness/scenario.ts'
import { BEFORE_CUT, type ConnectionFaultCase } from './connection-fault-cases.ts'

/** A wait reaches this limit only if the target lost something that it must send. */
const LONGEST_WAIT = '60s'
const ABNORMAL = 1006
const PUBLISHES = 10

/** Follows a connection until it is cut, or until all connections with a decided cut are gone. Returns whether it was cut in the way
 * that the fault describes. */
export function isCut(
  context: Context<unknown>,
  tested: ConnectionFaultCase,
  allAreCut: Promise<void>,
): Promise<boolean> {
  return tested.wire === 'sse' ? isStreamCut(context, tested, allAreCut) : isSocketCut(context, tested, allAreCut)
}

async function isStreamCut(
  { http, sse, auth, fake, vu }: Context<unknown>,
  { id }: ConnectionFaultCase,
  allAreCut: Promise<void>,
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
  // One more event wakes a consumer that still follows.
  void allAreCut.then(() => {
    isOver = true
    return isEnded ? undefined : publish(1)
  })
  const options = { headers: { 'x-fault': id }, until: LONGEST_WAIT, silence: false, reconnect: false } as const
  for await (const _ of sse.open(`/v1/streams/${stream}?from=earliest`, options)) if (isOver) return false
  isEnded = true
  return true
}

async function isSocketCut(
  { ws, vu }: Context<unknown>,
  { id, fault }: ConnectionFaultCase,
  allAreCut: Promise<void>,
): Promise<boolean> {
  const code = (fault.type === 'disconnect' ? fault.code : undefined) ?? ABNORMAL
  const socket = await openChat(ws, vu, id)
  for (let ordinal = 0; ordinal < 2 * BEFORE_CUT; ordinal++) await socket.send({ action: 'ping' })
  const closed = socket.receive(() => false, { timeout: LONGEST_WAIT }).catch(() => {})
  await Promise.race([closed, allAreCut])
  const isClosed = socket.closed?.code === code
  await socket.close()
  return isClosed
}

/**
 * Asks for a pong, and then for an answer that the fault leaves alone. A pong that has not arrived before that answer
 * is missing.
 */
export async function isMuted({ ws, vu }: Context<unknown>, id: string): Promise<boolean> {
  const socket = await openChat(ws, vu, id)
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

/**
 * Publishes messages, then asks for a pong, which arrives after all acknowledgements. @returns the number of missing
 * acknowledgements
 */
export async function answersKeptBack({ ws, vu, fake }: Context<unknown>, id: string): Promise<number> {
  const socket = await openChat(ws, vu, id)
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

function openChat(ws: Context<unknown>['ws'], vu: Context<unknown>['vu'], id: string) {
  return ws.open<ChatFrame>('/ws/chat', {
    query: { token: `demo-jwt-token-${vu.id}` },
    headers: { 'x-fault': id },
    silence: false,
  })
}
