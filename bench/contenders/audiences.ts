import { softLimit } from '../../cli/target/open-files.ts'
import type { SubscribedReading, SubscribersOrder, TrainReading } from '../meters/subscribers.ts'
import { type Child, startChild } from '../processes/process.ts'
import { type BenchReport, emptyReport } from '../measurement/report.ts'
import { logIn, startTarget, tokenFor } from '../processes/target.ts'
import { sse, type Transport, webSocket } from '../wire/transport.ts'

/** Files that a process has open besides its connections. */
const OTHER_FILES = 200

export interface BenchTokens {
  token: string
  publisherToken: string
}

/** Runs a benchmark over SSE and then over WebSockets, with one process of subscribers. */
export async function overEachTransport(
  notes: string[],
  measureOver: (transport: Transport, client: Subscribers, report: ReturnType<typeof emptyReport>) => Promise<void>,
): Promise<BenchReport> {
  const report = emptyReport(notes)
  const client = new Subscribers(await startChild('generator', 'meters/subscribers.ts'))
  try {
    for (const transport of [sse, webSocket]) await measureOver(transport, client, report)
    return report
  } finally {
    await client.stop()
  }
}

/** The process of the subscribers. */
export class Subscribers {
  readonly #child: Child

  constructor(child: Child) {
    this.#child = child
  }

  /** Adds subscribers of a server up to this number. */
  subscribe(
    { server, transport }: { server: Child; transport: Transport },
    { token }: BenchTokens,
    subscribers: number,
  ): Promise<SubscribedReading> {
    return this.#ask({ do: 'subscribe', subscribers, url: server.url, transport, token })
  }

  /** Publishes bursts of this many events for this time. */
  train(burst: number, seconds: number, { publisherToken }: BenchTokens): Promise<TrainReading> {
    return this.#ask({ do: 'train', burst, seconds, publisherToken })
  }

  leave(): Promise<void> {
    return this.#ask({ do: 'leave' })
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }

  #ask<Answer>(order: SubscribersOrder): Promise<Answer> {
    return this.#child.ask(order)
  }
}

/** Returns tokens for the target. The floors check none, but they get the same bytes to read. */
export async function tokensFor({ name }: Transport, { url }: Child): Promise<BenchTokens> {
  if (name === 'WebSocket') {
    const token = await logIn(url, { email: 'qa.user1@example.com', password: 'TestPass123!' })
    return { token, publisherToken: token }
  }
  return {
    token: await tokenFor(url, 'notification-dashboard', 'consumer-secret'),
    publisherToken: await tokenFor(url, 'producer-service', 'producer-secret'),
  }
}

/** Starts the target or one of its floors for a transport. */
export function startServer(kind: 'target' | 'ready-made' | 'naive', transport: Transport): Promise<Child> {
  if (kind === 'target') return startTarget()
  const what = transport.name === sse.name ? 'streams' : 'sockets'
  return startChild('server', `floors/${kind === 'naive' ? 'naive' : 'ready'}-${what}.ts`)
}

/** Returns the numbers of connections that a process may have open, and a note on those left out. */
export function possible(sizes: readonly number[]): { sizes: number[]; notes: string[] } {
  // A child may open as many files as this process, because Node raises the soft limit to the hard one.
  const most = softLimit(process.pid) - OTHER_FILES
  const left = sizes.filter(size => size > most)
  return {
    sizes: sizes.filter(size => size <= most),
    notes:
      left.length === 0
        ? []
        : [`Left out, because a process may not open so many files (ulimit -n): ${left.join(', ')}.`],
  }
}
