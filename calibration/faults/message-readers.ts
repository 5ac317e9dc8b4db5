import type { ChatFrame, Context } from '../../harness/scenario.ts'
import type { MessageFaultCase } from './message-fault-cases.ts'

/** Messages that one reader was sent on the channel of its rule. */
export interface Received {
  /** Offsets or sequences, in the order in which they came. */
  places: number[]
  /** Answers, not events, that were no JSON. */
  illegibleAnswers: number
}

const MOST_IN_A_BATCH = 100
/** Nobody waits for so long unless something is lost that must not be. */
const LONGEST_WAIT = '60s'

/**
 * Publishes to a stream of its own and reads it from its beginning. It is over when an event comes of another stream that was
 * published last: nothing is taken for lost because it was slow.
 */
export async function readStream(
  { http, sse, auth, fake, vu }: Context<unknown>,
  { channel, rule }: MessageFaultCase,
  events: number,
): Promise<Received> {
  const stream = `${channel}-${vu.id}`
  const last = `last-${vu.id}`
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

/** The same in a room of its own, over two sockets: one sends, the other is a member. */
export async function readRoom(
  { ws, vu, fake }: Context<unknown>,
  { channel, rule }: MessageFaultCase,
  events: number,
): Promise<Received> {
  const [room, last] = [`room:${channel}-${vu.id}`, `room:last-${vu.id}`]
  const query = { token: `demo-jwt-token-${vu.id}` }
  const member = await ws.open<ChatFrame | string>('/ws/chat', {
    query,
    headers: { 'x-fault': rule.id },
    silence: false,
  })
  for (const channel of [room, last]) await member.send({ action: 'subscribe', channel })
  // Its answer has no channel, so that no rule is for it; and it comes behind those to the subscriptions.
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
