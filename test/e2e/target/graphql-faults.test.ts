import { describe, expect, it } from 'vitest'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { GraphqlSocket } from '../../support/graphql-socket.ts'
import { testTarget, type TestTarget } from './support.ts'

/** A target with GraphQL and these faults, which affect everything that they match. */
function faultyTarget(...rules: Omit<FaultRule, 'id'>[]): Promise<TestTarget> {
  const named = rules.map((rule, index) => ({ id: `rule-${index}`, ...rule }))
  return testTarget({ 'graphql.enabled': 'true', 'faults.rules': JSON.stringify(named) })
}

const ROOM = 'subscription { messages(channel: "a") { sequence } }'

function say(socket: GraphqlSocket, id: string): void {
  socket.subscribe(`mutation { sendMessage(channel: "a", message: { id: "${id}" }) { sequence } }`, id)
}

async function member(target: TestTarget): Promise<GraphqlSocket> {
  return (await GraphqlSocket.enter(target.url)).introduce('demo-jwt-token-ann')
}

const socketMatch = { operation: 'graphql.subscribe', channel: 'a' }

describe('a fault of messages over graphql-transport-ws', () => {
  it.each<[string, FaultRule['fault'], number[]]>([
    ['drop loses them', { type: 'drop' }, []],
    ['duplicate repeats them', { type: 'duplicate' }, [1, 1, 2, 2]],
    ['delay sends them later', { type: 'delay', at: 'per_message', distribution: '5ms' }, [1, 2]],
  ])('%s', async (_name, fault, expected) => {
    const target = await faultyTarget({ match: socketMatch, fault })
    const listener = await member(target)
    listener.subscribe(ROOM)
    expect(await listener.ask({ type: 'ping' })).toEqual({ type: 'pong' })
    const speaker = await member(target)
    for (const id of ['one', 'two']) {
      say(speaker, id)
      await speaker.next()
      await speaker.next()
    }
    const seen: number[] = []
    while (seen.length < expected.length) {
      const { payload } = (await listener.next()) as { payload: { data: { messages: { sequence: number } } } }
      seen.push(payload.data.messages.sequence)
    }
    expect(seen).toEqual(expected)
    expect(await listener.ask({ type: 'ping' })).toEqual({ type: 'pong' })
  })

  it('malformed makes the message invalid, and counts it', async () => {
    const target = await faultyTarget({ match: socketMatch, fault: { type: 'malformed' } })
    const listener = await member(target)
    listener.subscribe(ROOM)
    say(listener, 'said')
    const text = await listener.nextText()
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError)
    listener.webSocket.close(1000)
    await listener.closed
    const { sockets } = await target.settledLedger()
    expect(sockets.endpoints).toMatchObject([{ delivered: 1, injected: { malformed: 1 } }])
  })

  it('misdirected_ack answers under another id', async () => {
    const target = await faultyTarget({ match: { operation: 'graphql.subscribe' }, fault: { type: 'misdirected_ack' } })
    const socket = await member(target)
    socket.subscribe('{ categories { slug } }', 'asked')
    const answers = [await socket.next(), await socket.next()]
    expect(answers.map(({ type, id }) => [type, id === 'asked'])).toEqual([
      ['next', false],
      ['complete', false],
    ])
  })

  it('mute_heartbeats answers no ping', async () => {
    const target = await faultyTarget({ match: { operation: 'graphql.subscribe' }, fault: { type: 'mute_heartbeats' } })
    const socket = await member(target)
    socket.send({ type: 'ping' })
    socket.subscribe('{ product(id: 1) { id } }')
    expect(await socket.next()).toMatchObject({ type: 'next' })
  })
})

describe('a fault of connections', () => {
  it('disconnect closes a WebSocket with its code', async () => {
    const target = await faultyTarget({
      match: { operation: 'graphql.subscribe' },
      fault: { type: 'disconnect', afterMessages: 1, code: 4500 },
    })
    const socket = await GraphqlSocket.enter(target.url)
    socket.send({ type: 'connection_init', payload: {} })
    expect((await socket.closed).code).toBe(4500)
    const { sockets } = await target.settledLedger()
    expect(sockets.endpoints).toMatchObject([{ closed: { fault: 1 } }])
  })
})

describe('a fault of requests', () => {
  const ask = (target: TestTarget) =>
    fetch(`${target.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ product(id: 1) { id } }"}',
    })

  it('status answers in place of GraphQL', async () => {
    const target = await faultyTarget({ match: { operation: 'graphql.*' }, fault: { type: 'status', status: 503 } })
    const answer = await ask(target)
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toMatchObject({ status: 503 })
    const { operations } = await target.settledLedger()
    expect(operations).toMatchObject([{ operation: 'graphql.query', statuses: { 503: 1 } }])
  })

  it('corrupt spoils the result', async () => {
    const target = await faultyTarget({
      match: { operation: 'graphql.query' },
      fault: { type: 'corrupt', how: 'invalid_json' },
    })
    const answer = await ask(target)
    await expect(answer.json()).rejects.toThrow(SyntaxError)
  })

  it('status refuses a handshake and a stream before they open', async () => {
    const target = await faultyTarget({ match: { operation: 'graphql.*' }, fault: { type: 'status', status: 503 } })
    await expect(GraphqlSocket.enter(target.url)).rejects.toThrow('Unexpected server response: 503')
    expect((await fetch(`${target.url}/graphql/stream?query=x`)).status).toBe(503)
  })
})

it('a rate limit applies to queries, and tells when to come back', async () => {
  const rule = { name: 'queries', by: 'user', requests: 1, per: '1m', operations: ['graphql.*'] }
  const target = await testTarget({ 'graphql.enabled': 'true', 'rateLimits.rules': JSON.stringify([rule]) })
  const statuses: number[] = []
  for (let n = 0; n < 2; n += 1) {
    const answer = await fetch(`${target.url}/graphql?query=${encodeURIComponent('{ product(id: 1) { id } }')}`)
    statuses.push(answer.status)
  }
  expect(statuses).toEqual([200, 429])
})
