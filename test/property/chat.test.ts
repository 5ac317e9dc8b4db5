import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChatFrame } from '../../contract/sockets/chat.ts'
import { random } from '../../core/random.ts'
import { loadConfiguration } from '../../target/configuration/load.ts'
import { LiveSettings } from '../../target/configuration/settings.ts'
import { Lifecycle } from '../../target/lifecycle/lifecycle.ts'
import { ChatEndpoint } from '../../target/sockets/endpoints/chat.ts'
import type { Peer } from '../../target/sockets/endpoint.ts'
import { SentFrame } from '../../target/protocols/sent-frame.ts'
import { Subscriptions } from '../../target/sockets/subscriptions.ts'
import { AudienceMember } from '../../target/connections/audience-member.ts'
import type { Frame } from '../../target/connections/frame.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { plenty, roomy } from '../support/memory.ts'

const tenants = ['public', 'elsewhere']
const channels = ['room:a', 'room:b', 'room:c']
const CLIENTS = 5
const KEPT = 4

const client = fc.nat(CLIENTS - 1)
const channel = fc.constantFrom(...channels)
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), client, channel }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unsubscribe' as const), client, channel }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('publish' as const), client, channel, text: fc.string() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('vanish' as const), client }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('history' as const),
      client,
      channel,
      after: fc.option(fc.nat(12), { nil: undefined }),
      limit: fc.integer({ min: 1, max: 6 }),
    }),
  },
)

/** A connection that never has a seat, so that each frame is enqueued at once. */
class StandingConnection extends AudienceMember {
  readonly terms = {} as AudienceMember['terms']
  readonly highWaterMark = 1_000_000
  readonly wire = {} as AudienceMember['wire']
  readonly enqueue: (frame: Frame) => unknown

  constructor(enqueue: (frame: Frame) => unknown) {
    super()
    this.enqueue = enqueue
  }

  takeNoted(): void {}

  writeNoted(): void {}

  wroteNoted(): void {}

  count(): void {}
}

/** One client of the endpoint, with every frame that it received. */
class Client {
  readonly frames: ChatFrame[] = []
  readonly shared: Frame[] = []
  readonly #endpoint: ChatEndpoint
  readonly #tenant: string
  session: ReturnType<ChatEndpoint['onConnect']>

  constructor(endpoint: ChatEndpoint, tenant: string) {
    this.#endpoint = endpoint
    this.#tenant = tenant
    this.session = this.#connect()
  }

  reconnect(): void {
    this.session.onDisconnect()
    this.session = this.#connect()
  }

  #connect() {
    const connection = new StandingConnection(frame => {
      this.shared.push(frame)
      const payload = frame.bytes.subarray(frame.bytes.length - frame.payloadBytes)
      this.frames.push(JSON.parse(payload.toString()) as ChatFrame)
      return 'sent'
    })
    const peer = {
      key: 'client',
      tenant: this.#tenant,
      bearer: undefined,
      query: {},
      heardAt: 0,
      subscriptions: new Subscriptions(() => 10, roomy()),
      connection,
      outlet: connection,
      reply: (message: object | string) =>
        this.frames.push((typeof message === 'string' ? JSON.parse(message) : message) as ChatFrame),
    }
    return this.#endpoint.onConnect(peer as unknown as Peer)
  }
}

/** A naive model of a room. */
interface Room {
  members: Set<number>
  messages: { sequence: number; message: object }[]
}

test('every member gets every message of the others exactly once, in sequence, from its subscription to its unsubscription', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), actions => {
      const configuration = loadConfiguration({ env: {}, flags: { 'chat.historyMessages': String(KEPT) } })
      const clock = new FakeClock()
      const endpoint = new ChatEndpoint({
        settings: new LiveSettings(configuration),
        clock,
        random: random(1),
        memory: plenty(),
        lifecycle: new Lifecycle(),
      })
      const tenantOf = (index: number) => tenants[index % tenants.length] as string
      const clients = Array.from({ length: CLIENTS }, (_, index) => new Client(endpoint, tenantOf(index)))
      const expected: ChatFrame[][] = clients.map(() => [])
      const rooms = new Map<string, Room>()
      const roomOf = (index: number, name: string): Room => {
        const key = `${tenantOf(index)}/${name}`
        const room = rooms.get(key) ?? { members: new Set(), messages: [] }
        rooms.set(key, room)
        return room
      }

      for (const [ordinal, step] of actions.entries()) {
        const { on } = (clients[step.client] as Client).session
        const say = <Action extends keyof typeof on>(action: Action, frame: Parameters<(typeof on)[Action]>[0]) =>
          (on[action] as (frame: object, sent: SentFrame) => void)(frame, new SentFrame(JSON.stringify(frame)))
        const mine = expected[step.client] as ChatFrame[]
        if (step.kind === 'vanish') {
          for (const room of rooms.values()) room.members.delete(step.client)
          clients[step.client]?.reconnect()
          continue
        }
        const room = roomOf(step.client, step.channel)
        switch (step.kind) {
          case 'subscribe': {
            room.members.add(step.client)
            say('subscribe', { channel: step.channel })
            const [members, sequence] = [room.members.size, room.messages.length]
            mine.push({ type: 'subscription_confirmed', channel: step.channel, members, sequence })
            break
          }
          case 'unsubscribe':
            room.members.delete(step.client)
            say('unsubscribe', { channel: step.channel })
            mine.push({ type: 'unsubscription_confirmed', channel: step.channel })
            break
          case 'publish': {
            const message = { id: ordinal, senderId: `user-${step.client}`, text: step.text, sentAt: 1, extra: [null] }
            const sequence = room.messages.length + 1
            room.messages.push({ sequence, message })
            say('publish', { channel: step.channel, message })
            const acceptedAt = clock.wallTime()
            mine.push({ type: 'message_ack', id: ordinal, channel: step.channel, sequence, acceptedAt })
            for (const member of room.members) {
              if (member === step.client) continue
              expected[member]?.push({ type: 'message_delivered', channel: step.channel, sequence, message })
            }
            break
          }
          case 'history': {
            say('history', { channel: step.channel, after: step.after, limit: step.limit })
            const kept = room.messages.slice(-KEPT)
            const wanted =
              step.after === undefined
                ? kept.slice(-step.limit)
                : kept.filter(({ sequence }) => sequence > (step.after as number)).slice(0, step.limit)
            const begin = step.after ?? 0
            const complete = wanted.length > 0 ? wanted[0]?.sequence === begin + 1 : begin === room.messages.length
            mine.push({
              type: 'history',
              channel: step.channel,
              messages: wanted as { sequence: number; message: { id: number } }[],
              complete,
            })
            break
          }
        }
      }

      expect(clients.map(({ frames }) => frames)).toEqual(expected)
      // A message is encoded only once, so there is one frame for it.
      const shared = new Set(
        clients.flatMap(one =>
          one.shared.map(frame => `${tenantOf(clients.indexOf(one))} ${JSON.stringify(frame.about)}`),
        ),
      )
      expect(new Set(clients.flatMap(one => one.shared)).size).toBe(shared.size)
    }),
    { numRuns: 300 },
  )
})
