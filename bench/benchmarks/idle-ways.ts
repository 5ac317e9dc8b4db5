import { readFileSync } from 'node:fs'
import type { FollowersOrder } from '../meters/room-followers.ts'
import type { GrpcOrder } from '../meters/grpc-callers.ts'
import type { SubscribersOrder } from '../meters/subscribers.ts'
import type { TlsOrder } from '../meters/tls-holders.ts'
import { sse, type Transport, webSocket } from '../wire/transport.ts'

/** A protocol by which connections wait at the target, and at a server of its library alone. */
export interface IdleWay {
  name: string
  /** KB of resident memory that a connection may take at the target. Provisional. With TLS, most of it is OpenSSL's. */
  limitKb: number
  /** Configuration of the target. */
  settings: Record<string, string>
  floor?: { name: string; path: string }
  /** The process that holds the connections. */
  meter: string
  /** Returns the order for this number of them. */
  hold: (url: string, size: number) => object
}

/** As long as a real one. */
const token = `bench-${'x'.repeat(494)}`
const admitted = {
  'auth.staticTokens': JSON.stringify([{ token, subject: 'bench', scopes: ['streams.read', 'chat'] }]),
}

/** @param caFile to which a target with TLS writes its authority. */
export function idleWays(caFile: string): IdleWay[] {
  const overTls = { ...admitted, 'tls.enabled': 'true', 'tls.caFile': caFile }
  const plain = (transport: Transport, limitKb: number, floor: Required<IdleWay>['floor']): IdleWay => ({
    name: transport.name,
    limitKb,
    settings: admitted,
    floor,
    meter: 'subscribers',
    hold: (url, subscribers) => ({ do: 'subscribe', subscribers, url, transport, token }) satisfies SubscribersOrder,
  })
  const secure = (name: string, limitKb: number, over: 'https' | 'wss' | 'h2'): IdleWay => ({
    name,
    limitKb,
    settings: overTls,
    meter: 'tls-holders',
    hold: (url, connections) =>
      ({ do: 'hold', connections, over, url, ca: readFileSync(caFile, 'utf8'), token }) satisfies TlsOrder,
  })
  const followed = (name: string, limitKb: number, protocol: string, floor: Required<IdleWay>['floor']): IdleWay => ({
    name,
    limitKb,
    settings: { [`${protocol}.enabled`]: 'true' },
    floor,
    meter: `${protocol}-followers`,
    hold: (url, followers) => ({ do: 'follow', url, followers }) satisfies FollowersOrder,
  })
  return [
    plain(sse, 20, { name: 'node:http', path: 'floors/naive-streams.ts' }),
    plain(webSocket, 20, { name: 'ws', path: 'floors/naive-sockets.ts' }),
    secure('SSE over TLS', 80, 'https'),
    secure('SSE over HTTP/2 and TLS', 128, 'h2'),
    secure('WebSocket over TLS', 96, 'wss'),
    followed('GraphQL subscription', 20, 'graphql', { name: 'graphql-ws', path: 'floors/graphql-libraries.ts' }),
    followed('STOMP', 24, 'stomp', { name: 'ws', path: 'floors/bare-stomp.ts' }),
    followed('Socket.IO', 40, 'socketio', { name: 'socket.io', path: 'floors/library-socketio.ts' }),
    {
      ...followed('gRPC stream', 64, 'grpc', { name: '@grpc/grpc-js', path: 'floors/bare-grpc.ts' }),
      meter: 'grpc-callers',
      hold: (url, followers) => ({ do: 'follow', url, followers, each: 'connection' }) satisfies GrpcOrder,
    },
  ]
}
