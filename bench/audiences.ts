import type { SubscribedReading, SubscribersOrder, TrainReading } from './meters/subscribers.ts'
import { type Child, type Idle, type ServerAddress, mostOpenFiles, startChild } from './process.ts'
import { logIn, startTarget, tokenFor } from './target.ts'
import { sse, type Transport } from './transport.ts'

/** Files a process has open besides its connections. */
const OTHER_FILES = 200

export interface BenchTokens {
  token: string
  publisherToken: string
}

/** The subscribers' process, as the benches give it orders. */
export interface Subscribers {
  /** Until there are so many. */
  subscribe(
    to: { server: Child<ServerAddress>; transport: Transport; path?: string },
    tokens: BenchTokens,
    subscribers: number,
  ): Promise<SubscribedReading>
  train(burst: number, seconds: number, tokens: BenchTokens): Promise<TrainReading>
  leave(): Promise<void>
  stop(): Promise<void>
}

export async function startSubscribers(): Promise<Subscribers> {
  const client = await startChild<Idle>('generator', new URL('meters/subscribers.ts', import.meta.url))
  const ask = <Answer>(order: SubscribersOrder) => client.ask<Answer>(order)
  return {
    subscribe: ({ server, transport, path = transport.path }, { token }, subscribers) =>
      ask({ do: 'subscribe', subscribers, url: server.ready.url, transport: { ...transport, path }, token }),
    train: (burst, seconds, { publisherToken }) => ask({ do: 'train', burst, seconds, publisherToken }),
    leave: () => ask({ do: 'leave' }),
    stop: () => client.stop(),
  }
}

/** Tokens for the target. The floors do not check any, but get the same bytes to read. */
export async function tokensFor({ name }: Transport, { ready: { url } }: Child<ServerAddress>): Promise<BenchTokens> {
  if (name === 'WebSocket') {
    const token = await logIn(url, { email: 'qa.user1@example.com', password: 'TestPass123!' })
    return { token, publisherToken: token }
  }
  return {
    token: await tokenFor(url, 'notification-dashboard', 'consumer-secret'),
    publisherToken: await tokenFor(url, 'producer-service', 'producer-secret'),
  }
}

/** One of each kind of server, for one way to reach subscribers. */
export function startServer(
  kind: 'target' | 'ready-made' | 'naive',
  transport: Transport,
): Promise<Child<ServerAddress>> {
  if (kind === 'target') return startTarget()
  const what = transport.name === sse.name ? 'streams' : 'sockets'
  const file = `floors/${kind === 'naive' ? 'naive' : 'ready'}-${what}.ts`
  return startChild('server', new URL(file, import.meta.url))
}

/** Those of the sizes that a process may have open; a note says what was left out. */
export function possible(sizes: readonly number[]): { sizes: number[]; notes: string[] } {
  const most = mostOpenFiles() - OTHER_FILES
  const left = sizes.filter(size => size > most)
  return {
    sizes: sizes.filter(size => size <= most),
    notes:
      left.length === 0
        ? []
        : [`Left out, because a process may not open so many files (ulimit -n): ${left.join(', ')}.`],
  }
}
