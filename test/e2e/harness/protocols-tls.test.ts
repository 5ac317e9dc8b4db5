import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { scenario, user } from '../../../harness/scenario.ts'
import { bothEnds } from './both-ends.ts'

const on = {
  'tls.enabled': 'true',
  'graphql.enabled': 'true',
  'socketio.enabled': 'true',
  'stomp.enabled': 'true',
  'grpc.enabled': 'true',
  'feed.orders': '0',
  'feed.inventory': '0',
  'feed.pricing': '0',
}
const ROOM = 'secure'
const FOLLOW = `subscription Follow { messages(channel: "${ROOM}") { channel sequence } }`

/** The sequence of a room's message. */
interface Placed {
  sequence: number
}

test('both ends agree on GraphQL, STOMP, Socket.IO and gRPC over TLS, whose listeners hear one room', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadcell-secure-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const ca = join(folder, 'ca.pem')
  const heard: Record<string, number | undefined> = {}
  const { result, ledger } = await bothEnds(
    { ...on, 'tls.caFile': ca },
    scenario({
      tls: { ca },
      load: { executor: 'per-vu-iterations', vus: 1, iterations: 1 },
      users: [
        user('member', {
          begin: ({ auth }) => auth.bearer('demo-jwt-token-ana'),
          async iterate({ graphql, stomp, socketio, grpc }) {
            const followed = (over: 'ws' | 'sse') =>
              graphql.subscribe<{ messages: Placed }>(FOLLOW, { over, events: 1 })
            const broker = await stomp.open()
            const room = await broker.subscribe(`/rooms/${ROOM}`)
            const [polls, socket] = [
              await socketio.open('/chat', { transport: 'polling' }),
              await socketio.open('/chat', { transport: 'websocket' }),
            ]
            for (const each of [polls, socket]) await each.follow({ channel: ROOM })
            const call = await grpc.stream<{ message?: Placed }>('loadcell.v1.Chat/Converse')
            await call.send({ join: { channel: ROOM } })
            await call.next()
            const first = async (over: 'ws' | 'sse') => {
              for await (const { data } of followed(over)) heard[`GraphQL over ${over}`] = data?.messages.sequence
            }
            const listening = Promise.all([first('ws'), first('sse')])
            const say = async () => {
              await graphql.query(`mutation Say { sendMessage(channel: "${ROOM}", message: { id: "m" }) { sequence } }`)
              await delay(20)
            }
            // A subscription of GraphQL does not tell when it has begun.
            while (Object.keys(heard).length < 2) await say()
            await listening
            heard['STOMP'] = Number((await room.next())?.headers['sequence'])
            for (const [name, each] of Object.entries({
              'Socket.IO by polling': polls,
              'Socket.IO over wss': socket,
            })) {
              const said = await each.next({ event: 'message_delivered' })
              heard[name] = (said?.data as Placed | undefined)?.sequence
            }
            heard['gRPC'] = (await call.next())?.message?.sequence
            for (const each of [polls, socket, broker, call]) await each.close()
          },
        }),
      ],
    }),
  )
  expect(result.errors).toEqual([])
  expect(result.totals.tlsHandshaking.count).toBeGreaterThan(0)
  expect(heard).toEqual({
    // They may have missed the first ones.
    'GraphQL over ws': expect.toSatisfy((sequence: number) => sequence >= 1) as number,
    'GraphQL over sse': expect.toSatisfy((sequence: number) => sequence >= 1) as number,
    STOMP: 1,
    'Socket.IO by polling': 1,
    'Socket.IO over wss': 1,
    gRPC: 1,
  })
  expect(result.totals.events).toMatchObject({ gaps: 0, duplicates: 0, outOfOrder: 0 })
  const opened = ledger.sockets.endpoints.map(({ operation, opened }) => [operation, opened])
  expect(Object.fromEntries(opened)).toEqual({ 'graphql.subscribe': 1, 'socketio.connect': 2, 'stomp.connect': 1 })
})
