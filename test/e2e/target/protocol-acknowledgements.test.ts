import { describe, expect, it } from 'vitest'
import type { FaultRule } from '../../../contract/faults/rule.ts'
import { BareEngineSocket } from '../../support/engine-socket.ts'
import { GraphqlSocket } from '../../support/graphql-socket.ts'
import { GrpcClient } from '../../support/grpc-client.ts'
import { StompSocket } from '../../support/stomp-socket.ts'
import { testTarget, type TestTarget } from './support.ts'

const on = { 'socketio.enabled': 'true', 'stomp.enabled': 'true', 'grpc.enabled': 'true', 'graphql.enabled': 'true' }
const ANN = 'demo-jwt-token-ann'

/** A target with a fault of all messages of an operation. */
function faultyTarget(
  type: 'partial_ack' | 'misdirected_ack' | 'drop',
  match: FaultRule['match'],
): Promise<TestTarget> {
  const rule: FaultRule = { id: 'it', match, fault: { type } }
  return testTarget({ ...on, 'faults.rules': JSON.stringify([rule]) })
}

async function injectedInto(target: TestTarget): Promise<number | undefined> {
  const ledger = (await (await fetch(`${target.controlUrl}/_loadcell/ledger`)).json()) as Awaited<
    ReturnType<TestTarget['settledLedger']>
  >
  return ledger.faults.rules[0]?.injected
}

describe('partial_ack withholds the answer to a request that took effect', () => {
  it('over Socket.IO', async () => {
    const target = await faultyTarget('partial_ack', { operation: 'socketio.connect', channel: 'lobby' })
    const socket = await BareEngineSocket.enter(target.url)
    socket.send('42/chat,1["subscribe",{"channel":"lobby"}]')
    socket.send('42/chat,2["subscribe",{}]')
    expect(await socket.next()).toMatch(/^43\/chat,2\[\{"type":"error"/)
    const speaker = await BareEngineSocket.enter(target.url)
    speaker.send('42/chat,3["publish",{"channel":"lobby","message":{"id":1}}]')
    speaker.send('42/chat,4["ping",{}]')
    expect(await speaker.next()).toMatch(/^43\/chat,4\[\{"type":"pong"/)
    expect(await socket.next()).toMatch(/^42\/chat,\["message_delivered"/)
    expect(await injectedInto(target)).toBe(2)
  })

  it('over STOMP', async () => {
    const target = await faultyTarget('partial_ack', { operation: 'stomp.connect' })
    const socket = await StompSocket.open(target.url)
    socket.send('CONNECT', { 'accept-version': '1.2', host: 'test', authorization: `Bearer ${ANN}` })
    socket.send('SUBSCRIBE', { id: '1', destination: '/rooms/lobby', receipt: 'subscribed' })
    socket.send('SEND', { destination: '/rooms/lobby', receipt: 'sent' }, '{"id":"m-1"}')
    expect(await socket.next()).toMatchObject({ command: 'MESSAGE', body: expect.stringContaining('m-1') as string })
    socket.send('SUBSCRIBE', {})
    expect(await socket.next()).toMatchObject({ command: 'ERROR' })
    expect(await injectedInto(target)).toBe(3)
  })

  it('over GraphQL', async () => {
    const target = await faultyTarget('partial_ack', { operation: 'graphql.subscribe' })
    const socket = await GraphqlSocket.enter(target.url)
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${ANN}` } })
    socket.subscribe('subscription { messages(channel: "lobby") { id } }', 'follow')
    socket.subscribe('mutation { sendMessage(channel: "lobby", message: { id: "m-1" }) { id } }', 'say')
    expect(await socket.next()).toMatchObject({
      type: 'next',
      id: 'follow',
      payload: { data: { messages: { id: 'm-1' } } },
    })
    socket.subscribe('{ wrong }', 'refused')
    expect(await socket.next()).toMatchObject({ type: 'error', id: 'refused' })
    expect(await injectedInto(target)).toBe(3)
  })

  it('over gRPC', async () => {
    const target = await faultyTarget('partial_ack', { operation: 'grpc.chat', channel: 'lobby' })
    const [ana, ben] = ['ana', 'ben'].map(name =>
      new GrpcClient(target.url, `demo-jwt-token-${name}`).converse('loadcell.v1.Chat/Converse'),
    )
    ben!.say({ join: { channel: 'lobby' } })
    ben!.say({ say: { id: '' } })
    expect(await ben!.heard.next()).toMatchObject({ refused: { code: 'invalid_request' } })
    ana!.say({ join: { channel: 'lobby' } })
    ana!.say({ say: { id: 'm-1' } })
    expect(await ben!.heard.next()).toMatchObject({ message: { sequence: 1 } })
    expect(await injectedInto(target)).toBe(3)
  })
})

describe('an answer', () => {
  it('is no event, so that drop leaves it alone', async () => {
    const target = await faultyTarget('drop', { operation: 'socketio.connect', channel: 'lobby' })
    const socket = await BareEngineSocket.enter(target.url)
    socket.send('42/chat,1["subscribe",{"channel":"lobby"}]')
    expect(await socket.next()).toMatch(/^43\/chat,1\[/)
  })

  it('of gRPC names another room or message under misdirected_ack', async () => {
    const target = await faultyTarget('misdirected_ack', { operation: 'grpc.chat', channel: 'lobby' })
    const { say, heard } = new GrpcClient(target.url, ANN).converse('loadcell.v1.Chat/Converse')
    say({ join: { channel: 'lobby' } })
    expect(await heard.next()).toMatchObject({ joined: { channel: expect.not.stringMatching('^lobby$') } })
    say({ say: { id: 'm-1' } })
    expect(await heard.next()).toMatchObject({ accepted: { id: expect.not.stringMatching('^m-1$'), sequence: 1 } })
    expect(await injectedInto(target)).toBe(2)
  })
})
