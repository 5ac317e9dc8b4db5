import type { Exchange } from '../../../../target/exchange/exchange.ts'
import { EventEmitter } from 'node:events'
import { Type } from 'typebox'
import { beforeEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { Conversation } from '../../../../target/sockets/conversation.ts'
import { jsonProtocol } from '../../../../target/protocols/json.ts'
import { checkersOf, type Endpoint } from '../../../../target/sockets/endpoint.ts'
import { Subscriptions } from '../../../../target/sockets/subscriptions.ts'
import type { Connection } from '../../../../target/connections/connection.ts'
import { acknowledgement, type Frame } from '../../../../target/connections/frame.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { roomy } from '../../../support/memory.ts'

class FakeWebSocket extends EventEmitter {
  paused = false
  pause = () => void (this.paused = true)
  resume = () => void (this.paused = false)
  /** Receives a frame, as if the client had sent it. */
  say(frame: object): void {
    this.emit('message', Buffer.from(JSON.stringify(frame)), false)
  }
}

/** A connection that reports owed answers from a given number of them on. */
class FakeConnection {
  onDrain: (() => void) | undefined
  readonly answers: Record<string, unknown>[] = []
  most = Number.POSITIVE_INFINITY

  get owesAnswers(): boolean {
    return this.answers.length >= this.most
  }

  enqueue({ bytes, payloadBytes }: Frame): void {
    this.answers.push(JSON.parse(bytes.subarray(-payloadBytes).toString()) as Record<string, unknown>)
  }

  /** The client has read. Answers are owed again from this number on. */
  read(most: number): void {
    this.most = most
    const { onDrain } = this
    this.onDrain = undefined
    onDrain?.()
  }
}

const actions = { echo: Type.Object({ n: Type.Integer() }), fail: Type.Object({}) }
const heard: number[] = []
let left = 0
const endpoint: Endpoint<typeof actions> = {
  operation: 'sockets.quotes',
  protocol: jsonProtocol('op'),
  checkers: checkersOf(actions),
  onConnect: peer => ({
    on: {
      echo({ n }) {
        heard.push(n)
        peer.reply({ n }, acknowledgement())
      },
      fail() {
        throw new TypeError('a bug')
      },
    },
    onDisconnect: () => void (left += 1),
  }),
}

describe('a conversation', () => {
  let webSocket: FakeWebSocket
  let connection: FakeConnection
  let exceptions: unknown[]
  let refusals: (string | undefined)[]
  let conversation: Conversation

  beforeEach(() => {
    webSocket = new FakeWebSocket()
    connection = new FakeConnection()
    exceptions = []
    refusals = []
    heard.length = left = 0
    conversation = new Conversation({
      endpoint,
      webSocket: webSocket as unknown as WebSocket,
      connection: connection as unknown as Connection,
      clock: new FakeClock(),
      limits: { current: { jsonDepth: 8 } },
      key: 'k',
      tenant: 'public',
      bearer: undefined,
      query: {},
      exchange: {} as Exchange,
      head: { method: 'GET', url: '/', headers: {} },
      subscriptions: new Subscriptions(() => 1, roomy()),
      onFrame: (_bytes, refusal) => refusals.push(refusal),
      onException: error => exceptions.push(error),
    })
  })

  it('answers refused frames by their id or action', () => {
    webSocket.say({ op: 'echo', n: 'one' })
    webSocket.say({ op: 'echo', id: 7, n: 'one' })
    webSocket.say({ op: 'dance' })
    webSocket.say({ op: { deep: true } })
    expect(connection.answers).toEqual([
      { type: 'error', code: 'invalid_request', detail: expect.stringContaining('/n'), in_reply_to: 'echo' },
      { type: 'error', code: 'invalid_request', detail: expect.stringContaining('/n'), in_reply_to: '7' },
      { type: 'error', code: 'unknown_action', detail: expect.stringContaining('echo, fail'), in_reply_to: 'dance' },
      { type: 'error', code: 'unknown_action', detail: expect.stringContaining('got an object') },
    ])
    expect(refusals).toEqual(['invalid_request', 'invalid_request', 'unknown_action', 'unknown_action'])
  })

  it('stops reading from a client with too many pending answers, and continues where it stopped', () => {
    connection.most = 2
    for (let n = 1; n <= 6; n += 1) webSocket.say({ op: 'echo', n })
    expect({ heard, paused: webSocket.paused }).toEqual({ heard: [1, 2], paused: true })
    connection.read(4)
    expect({ heard, paused: webSocket.paused }).toEqual({ heard: [1, 2, 3, 4], paused: true })
    webSocket.say({ op: 'echo', n: 7 })
    connection.read(100)
    expect({ heard, paused: webSocket.paused }).toEqual({ heard: [1, 2, 3, 4, 5, 6, 7], paused: false })
    webSocket.say({ op: 'echo', n: 8 })
    expect(heard.at(-1)).toBe(8)
  })

  it('passes on unexpected exceptions of an endpoint, and sends no answer', () => {
    webSocket.say({ op: 'fail' })
    expect({ exceptions, answers: connection.answers }).toEqual({ exceptions: [new TypeError('a bug')], answers: [] })
  })

  it('ignores frames after its end', () => {
    connection.most = 1
    webSocket.say({ op: 'echo', n: 1 })
    webSocket.say({ op: 'echo', n: 2 })
    conversation.end()
    webSocket.say({ op: 'echo', n: 3 })
    connection.read(100)
    expect({ heard, left }).toEqual({ heard: [1], left: 1 })
  })
})
