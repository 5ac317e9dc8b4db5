import { type ChatFrame, type Context, scenario, type Socket, user } from '../../../harness/scenario.ts'
import type { HarnessBench } from '../bench.ts'
import type { SubjectFindings } from '../subject.ts'
import { CALIBRATION_TOKEN } from '../target-settings.ts'
import { latencyRules, paceOf } from './injected-times.ts'
import { CONTROL_PACING_MS, DELAYED_PER_CONTROL, liveLoad, PACE_HEADER } from './live-load.ts'
import { liveRows } from './live-rows.ts'
import { measuredUnder } from './measured-under.ts'

const END = 'x-end'

/** A socket that speaks in rooms, and another that listens there. */
interface SocketPair {
  speaker: Socket<ChatFrame>
  listener: Socket<ChatFrame>
}

/** Checks three clocks of WebSockets: the handshake, a request to its answer, and the timestamp of a message to its arrival. */
export async function checkWebSocketLatency(bench: HarnessBench): Promise<Required<SubjectFindings>> {
  const { load, delayed } = liveLoad(bench.size)
  let begun = 0
  const definition = scenario({
    load,
    users: [
      user<SocketPair>('delayed', {
        share: DELAYED_PER_CONTROL,
        begin: context => converse(context, 'delivery'),
        async iterate(context) {
          const pace = paceOf(begun++, delayed)
          await openOnce(context, 'opening', { [PACE_HEADER]: pace })
          await sayOnce(context, roomOf(pace, context), bench)
        },
      }),
      user<SocketPair>('control', {
        begin: context => converse(context, 'control'),
        pacing: CONTROL_PACING_MS,
        async iterate(context) {
          await openOnce(context, 'control', {})
          await sayOnce(context, roomOf('undelayed', context), bench)
        },
      }),
    ],
  })
  const operation = 'sockets.chat'
  const rules = [
    ...latencyRules('ws-opening', 'before_handler', pace => ({ operation, header: { [PACE_HEADER]: pace } })),
    ...['speaker', 'listener'].flatMap(end =>
      latencyRules(`ws-${end}`, 'per_message', pace => ({
        operation,
        header: { [END]: end },
        channel: `room:latency-${pace}-*`,
      })),
    ),
  ]
  const run = await measuredUnder(bench, rules, 'latency of WebSockets', definition)
  const clocks = [
    { what: 'WebSocket, opening', trend: 'ws_connecting', name: 'opening', control: 'control', rules: 'ws-opening' },
    { what: 'WebSocket, answer', trend: 'ws_req_duration', name: 'answer', control: 'control', rules: 'ws-speaker' },
    {
      what: 'WebSocket, event',
      trend: 'event_e2e_latency',
      name: 'delivery',
      control: 'control',
      rules: 'ws-listener',
      // The answers to those who join a room are delayed as well.
      besides: { trend: 'ws_req_duration', name: 'joining' },
    },
  ] as const
  return liveRows(bench, clocks, run)
}

function roomOf(pace: string, { vu }: Pick<Context<unknown>, 'vu'>): string {
  return `room:latency-${pace}-${vu.id}`
}

/** Opens the sockets of a user. The listener joins each room. */
async function converse(context: Context<undefined>, name: string): Promise<SocketPair> {
  const { auth, ws } = context
  auth.bearer(CALIBRATION_TOKEN)
  const open = (end: string) => ws.open<ChatFrame>('/ws/chat', { name, headers: { [END]: end }, silence: false })
  const listener = await open('listener')
  for (const pace of name === 'control' ? ['undelayed'] : ['fast', 'slow']) {
    const joining = { action: 'subscribe', channel: roomOf(pace, context) }
    await listener.request(
      joining,
      { type: 'subscription_confirmed' },
      { name: `joining${pace === 'undelayed' ? ' undelayed' : ''}` },
    )
  }
  return { speaker: await open('speaker'), listener }
}

async function openOnce({ ws }: Context<SocketPair>, name: string, headers: Record<string, string>): Promise<void> {
  const socket = await ws.open('/ws/chat', { name, headers, silence: false })
  await socket.close()
}

/** Says something, and waits for the answer and for the listener to hear it. */
async function sayOnce(
  { state, fake, vu }: Context<SocketPair>,
  channel: string,
  { clock }: HarnessBench,
): Promise<void> {
  const { speaker, listener } = state
  const heard = listener.receive({ type: 'message_delivered' })
  const message = { id: fake.id('m'), text: `Message ${vu.iteration}`, sentAt: clock.wallTime() }
  const name = channel.includes('undelayed') ? 'control' : 'answer'
  await speaker.request({ action: 'publish', channel, message }, { type: 'message_ack' }, { name })
  await heard
}
