import { StringDecoder } from 'node:string_decoder'
import type { Tags } from '../../metrics/catalog.ts'
import type { Failure, RequestSample } from '../../metrics/recorder.ts'
import type { Session } from '../../session/session.ts'
import type { Route } from '../address/routes.ts'
import type { ResponseHeaders } from '../engine/engine.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { LiveDependencies } from './dependencies.ts'
import type { UnopenedResponse } from './outcome.ts'

export interface OpeningOptions {
  session: Session
  route: Route
  /** Tags of the stream or socket. */
  tags: Tags
  /** Path with its query. */
  path: string
  headers: Record<string, string>
  dueAt: number
  handedAt: number
  /** Timeout of the handshake, or for the head of a stream. */
  timeoutMs: number
  /** Longest silence; 0 for no limit. */
  silenceMs: number
}

const SWITCHING_PROTOCOLS = 101

/** Longest beginning of a refusal that is kept, for error messages. */
const LONGEST_EXCERPT_CHARACTERS = 4096
/** A refusal longer than this is cut off: reading on would tell nothing more. */
const LONGEST_REFUSAL_BYTES = 64 * 1024

/** One opening of a stream or socket: the answer, and the measurements until the end. */
export class Opening implements UnopenedResponse {
  status = 0
  headers: ResponseHeaders = {}
  /** Beginning of a refusal. */
  body = ''
  /** When the head of the response came. */
  headAt: number | undefined
  /** Whether it was open. */
  opened = false
  readonly #dependencies: LiveDependencies
  readonly #options: OpeningOptions
  readonly #transport: 'sse' | 'ws'
  /** Made for a refusal only. */
  #decoder: StringDecoder | undefined
  #refusalBytes = 0

  constructor(dependencies: LiveDependencies, options: OpeningOptions, transport: 'sse' | 'ws') {
    this.#dependencies = dependencies
    this.#options = options
    this.#transport = transport
  }

  /** Records that it is open. */
  open(now: number): void {
    const { session, tags, dueAt, handedAt } = this.#options
    this.headAt = now
    this.opened = true
    this.#dependencies.open.enter()
    session.recorder.add(`${this.#transport}_sessions`, tags, 1, dueAt)
    session.recorder.time(`${this.#transport}_connecting`, tags, now - handedAt, dueAt)
  }

  /** Records the end of what was open. Only a broken one has a failure. */
  close(endedAt: number, ending: Pick<Tags, 'reason' | 'status'>, failure: Omit<Failure, 'name'> | undefined): void {
    const { session, route, tags } = this.#options
    this.#dependencies.open.leave()
    const tagsOfEnding = this.#dependencies.tags.ofEnding(tags, ending)
    session.recorder.time(`${this.#transport}_session_duration`, tagsOfEnding, endedAt - (this.headAt ?? endedAt))
    if (failure !== undefined) session.recorder.fail({ name: route.name, ...failure })
  }

  /** Keeps the beginning of a refusal. Returns false once it is so long that the connection should be cut. */
  refuse(chunk: Buffer): boolean {
    this.#refusalBytes += chunk.length
    this.#decoder ??= new StringDecoder('utf8')
    const missing = LONGEST_EXCERPT_CHARACTERS - this.body.length
    if (missing > 0) this.body += this.#decoder.write(chunk.subarray(0, missing))
    return this.#refusalBytes <= LONGEST_REFUSAL_BYTES
  }

  /** Records the request once all its bytes are known. How it ended does not affect how it was answered. */
  record(
    sample: Pick<RequestSample, 'tags' | 'sentAt' | 'endedAt' | 'sentBytes' | 'receivedBytes'>,
    failure: ExchangeFailure | undefined,
  ): void {
    const { session, dueAt, handedAt } = this.#options
    session.recorder.request({
      ...sample,
      dueAt,
      handedAt,
      // A 101 that opens nothing is no answer.
      status: this.status === SWITCHING_PROTOCOLS && !this.opened ? 0 : this.status,
      ...(this.headAt !== undefined && { headAt: this.headAt }),
      ...(failure !== undefined && { failure }),
      stream: true,
    })
  }
}
