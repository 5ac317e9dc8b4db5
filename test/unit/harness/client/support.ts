import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { MetricName, Tags } from '../../../../harness/metrics/catalog.ts'
import type { CustomMetric } from '../../../../harness/metrics/custom-metric.ts'
import { type Clock, systemClock } from '../../../../core/clock.ts'
import { random } from '../../../../core/random.ts'
import { type ClientOptions, type HarnessClient, createClient } from '../../../../harness/client/client.ts'
import type { Failure, Recorder, RequestSample } from '../../../../harness/metrics/recorder.ts'
import { ExchangeKeys } from '../../../../harness/session/exchange-keys.ts'
import { Holdings } from '../../../../harness/session/holdings.ts'
import type { Session } from '../../../../harness/session/session.ts'

/** Keeps everything it is told. */
export class RecordingRecorder implements Recorder {
  readonly requests: RequestSample[] = []
  readonly failures: Failure[] = []
  readonly entries: { metric: string; tags: Tags; value: number }[] = []

  add(metric: MetricName, tags: Tags, amount = 1): void {
    this.entries.push({ metric, tags, value: amount })
  }

  hit(metric: MetricName, tags: Tags, hit: boolean): void {
    this.entries.push({ metric, tags, value: Number(hit) })
  }

  set(metric: MetricName, tags: Tags, value: number): void {
    this.entries.push({ metric, tags, value })
  }

  time(metric: MetricName, tags: Tags, valueMs: number): void {
    this.entries.push({ metric, tags, value: valueMs })
  }

  custom({ name }: CustomMetric, tags: Tags, value: number): void {
    this.entries.push({ metric: name, tags, value })
  }

  request(sample: RequestSample): void {
    this.requests.push(sample)
  }

  fail(failure: Failure): void {
    this.failures.push(failure)
  }

  sum(metric: MetricName): number {
    return this.of(metric).reduce((sum, { value }) => sum + value, 0)
  }

  of(metric: MetricName): { tags: Tags; value: number }[] {
    return this.entries.filter(entry => entry.metric === metric)
  }
}

export interface TestUser extends ReturnType<HarnessClient['contextFor']> {
  session: Session
  recorder: RecordingRecorder
  stop: () => void
  interrupt: () => void
}

export function createUser(
  client: HarnessClient,
  options: { user?: string; ordinal?: number; clock?: Clock } = {},
): TestUser {
  const { user = 'shopper', ordinal = 0, clock = systemClock } = options
  const recorder = new RecordingRecorder()
  const [stopping, interrupted] = [new AbortController(), new AbortController()]
  const session: Session = {
    clock,
    recorder,
    user,
    ordinal,
    exchanges: new ExchangeKeys('7', user, ordinal),
    task: 'buy',
    workTags: { user: 'user' },
    labels: undefined,
    grouped: false,
    random: random(1),
    dueAt: undefined,
    token: undefined,
    cookies: undefined,
    holdings: new Holdings(),
    stopping: stopping.signal,
    interrupted: interrupted.signal,
  }
  const context = client.contextFor(session)
  return { ...context, session, recorder, stop: () => stopping.abort(), interrupt: () => interrupted.abort() }
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** A server for one test, a client of it and a user. */
export async function serve(
  handler: Handler,
  options: Partial<Pick<ClientOptions, 'clock' | 'connections' | 'engine' | 'http' | 'tagSets' | 'trace'>> = {},
): Promise<TestUser & { client: HarnessClient; server: Server; url: string }> {
  const server = createServer((request, response) => void handler(request, response))
  const url = await listen(server)
  const client = clientOf(url, options)
  return { ...createUser(client, options), client, server, url }
}

export function clientOf(
  url: string,
  options: Partial<Pick<ClientOptions, 'clock'>> &
    Pick<
      ClientOptions,
      'connections' | 'engine' | 'http' | 'tagSets' | 'trace' | 'network' | 'onConnected' | 'onSocketConnected'
    > = {},
): HarnessClient {
  const client = createClient({ targetUrl: url, runId: 'run-1', version: '1.2.3', clock: systemClock, ...options })
  onTestFinished(() => client.close())
  return client
}

export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await request.toArray())
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
