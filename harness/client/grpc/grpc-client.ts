import type { Client } from '@grpc/grpc-js'
import { grpcStatuses, type GrpcStatus } from '../../../contract/grpc/status.ts'
import { parseDuration } from '../../../core/duration.ts'
import { untilAborted } from '../../../core/until-aborted.ts'
import type {
  Grpc,
  GrpcCallOptions,
  GrpcEnding,
  GrpcMessages,
  GrpcOptions,
  GrpcResponse,
  GrpcStream,
  GrpcStreamOptions,
} from '../../scenario/grpc.ts'
import { type Session, takeDueAt } from '../../session/session.ts'
import { type Host, pathAt } from '../address/hosts.ts'
import { nameIn } from '../address/labelled-routes.ts'
import { TokenError } from '../auth/access-token.ts'
import { type ExchangeFailure, interrupted } from '../engine/failure.ts'
import { shown } from '../message/request-head.ts'
import { parseReadRate } from '../live/pace.ts'
import { StreamError } from '../live/reconnector.ts'
import { openChannel } from './channel.ts'
import { Deadline } from './deadline.ts'
import { askForFiles } from './file-descriptors.ts'
import { callOnce } from './one-answer.ts'
import { type GrpcDependencies, type GrpcLibrary, metadataOf, type PreparedCall } from './prepared-call.ts'
import { UserGrpcStream } from './user-stream.ts'

const DEFAULT_DEADLINE_MS = 60_000
/** Time that a server gets to describe a service. */
const DESCRIBED_WITHIN_MS = 10_000
/** Matches a method, behind the name of a host or not. */
const METHOD = /^(?:([a-z][\w-]*):)?\/?([\w.]+\/\w+)$/i
const UNSENT: GrpcEnding = { status: 'UNAVAILABLE', message: 'not sent', details: [], trailers: {} }

/** Calls services of gRPC on behalf of one user, over one connection to each server. */
export class GrpcClient implements Grpc {
  readonly #dependencies: GrpcDependencies
  readonly #session: Session
  /** Created with the first call. */
  #channels: Map<string, Client> | undefined

  constructor(dependencies: GrpcDependencies, session: Session) {
    this.#dependencies = dependencies
    this.#session = session
  }

  async call<Answer>(
    method: string,
    message: GrpcMessages = {},
    options: GrpcCallOptions = {},
  ): Promise<GrpcResponse<Answer>> {
    const { deadline } = options
    const deadlineMs = deadline === undefined ? DEFAULT_DEADLINE_MS : parseDuration(deadline)
    if (this.#session.interrupted.aborted) return this.#tooLate<Answer>()
    const call = await this.#prepare(method, options)
    if (call.method.responseStream) throw new TypeError(`${method} answers with a stream: use grpc.stream`)
    if (call.failure !== undefined) return this.#unsent<Answer>(call, call.failure)
    return (await callOnce(this.#dependencies, call, message, deadlineMs)) as GrpcResponse<Answer>
  }

  async stream<Item>(method: string, message?: object, options: GrpcStreamOptions = {}): Promise<GrpcStream<Item>> {
    const { until, deadline, readRate } = options
    for (const duration of [until, deadline]) if (duration !== undefined) parseDuration(duration)
    if (readRate !== undefined) parseReadRate(readRate)
    const call = await this.#prepare(method, options)
    if (!call.method.responseStream) throw new TypeError(`${method} has one answer: use grpc.call`)
    if (call.failure !== undefined) {
      await this.#unsent(call, call.failure)
      throw new StreamError(`cannot open ${method}: ${call.failure.example}`)
    }
    const stream = new UserGrpcStream(this.#dependencies, call, message, options)
    this.#session.holdings.add(stream)
    return stream as unknown as GrpcStream<Item>
  }

  async #prepare(name: string, options: GrpcOptions): Promise<PreparedCall> {
    const { hosts, labelled, tags, tracer, library: load } = this.#dependencies
    const session = this.#session
    const [, hostName, method = ''] = typeof name === 'string' ? (METHOD.exec(name) ?? []) : []
    if (method === '') throw new TypeError(`expected a method such as package.Service/GrpcMethod, got ${shown(name)}`)
    const expected = expectedIn(options.expect)
    const library = await load()
    const place = hostName === undefined ? `/${method}` : `${hostName}:/${method}`
    const host = hosts.of(place)
    const path = pathAt(host, place)
    const definition =
      library.methods.known(host.address.origin, method, options.proto) ??
      (await library.methods.find(host.address.origin, method, options.proto, service =>
        this.#askFor(service, host, library),
      ))
    const handedAt = session.clock.now()
    const dueAt = takeDueAt(session) ?? handedAt
    const key = session.exchanges.next()
    const route = labelled.of(host.routes.of('POST', path, nameIn(options) ?? method), session, options.tags)
    const token = host.takesToken && options.metadata?.['authorization'] === undefined ? session.token : undefined
    let authorization: string | undefined
    let failure: ExchangeFailure | undefined
    try {
      const given = token?.authorization()
      authorization = typeof given === 'object' ? await untilAborted(given, session.interrupted) : given
      if (typeof given === 'object' && authorization === undefined) failure = interrupted
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      failure = { reason: 'token', example: error.message }
    }
    return {
      library,
      session,
      client: this.#channelTo(host, library),
      method: definition,
      host,
      path,
      route,
      tags: tags.ofRequest(session, route),
      key,
      metadata: metadataOf(library.packages, host, {
        key,
        authorization,
        trace: tracer?.headers(key),
        own: options.metadata,
      }),
      authorization,
      expected,
      dueAt,
      handedAt,
      failure,
    }
  }

  #channelTo(host: Host, { packages }: GrpcLibrary): Client {
    const { origin } = host.address
    if (this.#channels === undefined) {
      const channels = new Map<string, Client>()
      this.#channels = channels
      // It is released behind all calls of the user, with the user itself.
      this.#session.holdings.addKept({
        release: async () => {
          for (const client of channels.values()) client.close()
          channels.clear()
        },
      })
    }
    let client = this.#channels.get(origin)
    if (client === undefined) {
      this.#channels.set(origin, (client = openChannel(packages, host, this.#dependencies.network)))
    }
    return client
  }

  /** Asks a server what it serves: by the protocol of today, or else by that of older servers. */
  async #askFor(service: string, host: Host, { packages, methods }: GrpcLibrary): Promise<Buffer> {
    const client = this.#channelTo(host, { packages, methods })
    const authorization = host.takesToken ? await this.#session.token?.authorization() : undefined
    let refused: unknown
    for (const version of ['v1', 'v1alpha']) {
      const name = `grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`
      const method = await methods.find(host.address.origin, name, undefined, () => Promise.reject(new Error(name)))
      const metadata = new packages.js.Metadata()
      if (authorization !== undefined) metadata.set('authorization', authorization)
      try {
        const { clock, interrupted: signal } = this.#session
        const deadline = new Deadline(clock, DESCRIBED_WITHIN_MS)
        return await askForFiles(client, method, { service, metadata, deadline, signal })
      } catch (error) {
        refused = error
        // A server that does not answer would not answer in the other version.
        if (isLost(error)) break
      }
    }
    const { message } = refused as Error
    throw new TypeError(`cannot find ${service}: ${message}; give its files with proto`, { cause: refused })
  }

  /** Records a call that was not sent. */
  async #unsent<Answer>(
    { tags, dueAt, handedAt }: PreparedCall,
    failure: ExchangeFailure,
  ): Promise<GrpcResponse<Answer>> {
    const { clock, recorder } = this.#session
    // A scenario that repeats the call at once must not block the event loop.
    await clock.sleep(0)
    const endedAt = clock.now()
    const times = { dueAt, handedAt, sentAt: handedAt, endedAt }
    recorder.request({ tags, ...times, status: 0, sentBytes: 0, receivedBytes: 0, failure, stream: false })
    recorder.hit('grpc_req_failed', tags, true, dueAt)
    const ended = { ...UNSENT, message: failure.example }
    return { ...ended, ok: false, failure: failure.reason, answer: undefined, durationMs: endedAt - dueAt, headers: {} }
  }

  async #tooLate<Answer>(): Promise<GrpcResponse<Answer>> {
    await this.#session.clock.sleep(0)
    return { ...UNSENT, ok: false, failure: 'interrupted', answer: undefined, durationMs: 0, headers: {} }
  }
}

/** Whether no answer came, or nobody waits for one. */
function isLost(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === grpcStatuses.DEADLINE_EXCEEDED || code === grpcStatuses.CANCELLED
}

function expectedIn(expect: GrpcOptions['expect']): readonly GrpcStatus[] {
  if (expect === undefined) return ['OK']
  const statuses = [expect].flat()
  const unknown = statuses.find(status => !(status in grpcStatuses))
  if (unknown === undefined) return statuses
  throw new TypeError(`expect: expected statuses such as NOT_FOUND, got ${shown(unknown)}`)
}
