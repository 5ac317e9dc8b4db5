import type { Fault } from '../../contract/faults/fault.ts'
import type { FaultRule } from '../../contract/faults/rule.ts'
import type { ChatFrame, Context } from '../../harness/scenario.ts'

/** A fault of messages on one wire. */
export interface MessageFaultCase {
  name: string
  wire: 'sse' | 'websocket'
  /** Matches only messages of channels that begin with `channel`. */
  rule: FaultRule & { share: number; scope: 'message' }
  /** Prefix of the name of a stream or room; the ordinal of its reader follows. */
  channel: string
}

/** Messages of the affected channel that one reader received. */
export interface Received {
  /** Offsets or sequences, in the order of arrival. */
  places: number[]
  /** Number of answers, other than events, that were not JSON. */
  illegibleAnswers: number
}

export const MESSAGE_SHARE = 0.3
const MOST_IN_A_BATCH = 100
/** A wait reaches this limit only if the target lost something that it must not lose. */
const LONGEST_WAIT = '60s'

const messageFaults: Record<string, Fault> = {
  drop: { type: 'drop' },
  duplicate: { type: 'duplicate' },
  'duplicate, three copies': { type: 'duplicate', copies: 3 },
  reorder: { type: 'reorder', distance: 3 },
  malformed: { type: 'malformed' },
  'delay, per_message': { type: 'delay', at: 'per_message', distribution: 20 },
  'stall, of each message': { type: 'stall', duration: 2 },
}

export const messageFaultCases: MessageFaultCase[] = (['sse', 'websocket'] as const).flatMap(wire =>
  Object.entries(messageFaults).map(([name, fault], index): MessageFaultCase => {
    const id = `${wire}.${fault.type}-${index}`
    const channel = `${fault.type}-${index}`
    const match =
      wire === 'sse'
        ? { operation: 'streams.*', channel: `${channel}-*` }
        : { operation: 'sockets.chat', header: { 'x-fault': id }, channel: `room:${channel}-*` }
    return {
      name: `${name}, ${wire === 'sse' ? 'SSE' : 'WebSocket'}`,
      wire,
      channel,
      rule: { id, match, share: MESSAGE_SHARE, scope: 'message', fault },
    }
  }),
)

/**
 * Publishes to its own stream and reads it from the beginning, until a last event arrives that was published to another
 * stream. So slow events are not taken for lost.
 */
export async function readStream(
  { http, sse, auth, fake, vu }: Context<unknown>,
  { channel, rule }: MessageFaultCase,
  events: number,
): Promise<Received> {
  const stream = `${channel}-${vu.id}`
  const last = `last-${channel}-${vu.id}`
  await auth.clientCredentials('producer-service', 'producer-secret', 'events.write')
  const publish = (to: string, count: number) =>
    http.post('/v1/events/batch', {
      json: { stream: to, events: Array.from({ length: count }, () => fake.event('job.created', {})) },
    })
  for (let left = events; left > 0; left -= MOST_IN_A_BATCH) await publish(stream, Math.min(left, MOST_IN_A_BATCH))
  await publish(last, 1)
  await auth.clientCredentials('notification-dashboard', 'consumer-secret', 'streams.read')
  const places: number[] = []
  const waits = rule.fault.type === 'reorder'
  let isThrough = false
  const path = `/v1/streams/notifications?channels=${stream},${last}&from=earliest`
  for await (const { event } of sse.open(path, { until: LONGEST_WAIT, silence: false })) {
    if (event.stream === last) isThrough = true
    else places.push(event.offset)
    if (isThrough && !(waits && places.length < events)) break
  }
  return { places, illegibleAnswers: 0 }
}

/** Does the same in its own room, with one socket that sends and another that is a member. */
export async function readRoom(
  { ws, vu, fake }: Context<unknown>,
  { channel, rule }: MessageFaultCase,
  events: number,
): Promise<Received> {
  const [room, last] = [`room:${channel}-${vu.id}`, `room:last-${channel}-${vu.id}`]
  const query = { token: `demo-jwt-token-${vu.id}` }
  const member = await ws.open<ChatFrame | string>('/ws/chat', {
    query,
    headers: { 'x-fault': rule.id },
    silence: false,
  })
  for (const channel of [room, last]) await member.send({ action: 'subscribe', channel })
  // No rule matches the pong, which has no channel, and it comes after the answers to the subscriptions.
  let illegibleAnswers = 0
  await member.send({ action: 'ping' })
  for (let frame = await next(); frame !== undefined; frame = await next()) {
    if (typeof frame === 'string') illegibleAnswers += 1
    else if (frame.type === 'pong') break
  }
  const sender = await ws.open<ChatFrame>('/ws/chat', { query, silence: false })
  const say = (channel: string) =>
    sender.request(
      { action: 'publish', channel, message: { id: fake.id('m'), text: 'Anybody there?' } },
      { type: 'message_ack' },
    )
  for (let ordinal = 0; ordinal < events; ordinal++) await say(room)
  await say(last)
  const places: number[] = []
  const waits = rule.fault.type === 'reorder'
  let isThrough = false
  for (let frame = await next(); frame !== undefined; frame = await next()) {
    if (typeof frame === 'string' || frame.type !== 'message_delivered') continue
    if (frame.channel === last) isThrough = true
    else places.push(frame.sequence)
    if (isThrough && !(waits && places.length < events)) break
  }
  return { places, illegibleAnswers }

  function next() {
    return member.receive(undefined, { timeout: LONGEST_WAIT })
  }
}
