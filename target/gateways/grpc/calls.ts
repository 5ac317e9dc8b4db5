import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { KnownOperation } from '../../../contract/api/operations.ts'
import { endsWithRequest, grpcMediaType } from '../../../contract/grpc/services.ts'
import { headers } from '../../../contract/headers.ts'
import type { Clock } from '../../../core/clock.ts'
import { parseDuration } from '../../../core/duration.ts'
import { quotedStart } from '../../../core/quoted-start.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Connection } from '../../connections/connection.ts'
import type { Wire } from '../../connections/wire.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { http2StreamOf } from '../../http/http2-exchange.ts'
import { exchangeOf, type RequestExchange, SMALL_BYTES } from '../../http/request-exchange.ts'
import { serveUnchecked } from '../../http/serve.ts'
import { answerCodec } from './answer-codec.ts'
import { countStatus } from './counted-status.ts'
import { deadlineExceeded, timeoutMsIn } from './deadline.ts'
import { prefixed } from './grpc-frame.ts'
import type { GrpcWire } from './grpc-wire.ts'
import type { GrpcSchema } from './library.ts'
import { MessageReader } from './message-reader.ts'
import { okTrailers, setTrailers, trailersOf } from './trailers.ts'

const MEDIA_TYPE = /^application\/grpc(?:\+proto)?\s*(?:;|$)/i

export interface CallsDependencies {
  library: GrpcSchema
  settings: Settings
  clock: Clock
}

/** A call that has been admitted. */
export interface GrpcCall {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly exchange: RequestExchange
  /** By the monotonic clock; undefined without a deadline. */
  readonly deadlineAt: number | undefined
  /** The stream of its answer, once it is open. */
  connection: Connection | undefined
}

/** Takes the messages of a client. `message` and `end` may throw a `ProblemError`, which ends the call. */
interface MessageReceiver {
  message(message: object): void
  end(): void
  /** Called once, instead of `end`. */
  fail(error: unknown): void
}

/** Serves calls of gRPC as requests of HTTP/2, each with its row, its faults and its limits. */
export class GrpcCalls {
  readonly #dependencies: CallsDependencies
  readonly #app: FastifyInstance

  /** @param app a scope of its own: it reads the bodies of gRPC */
  constructor(app: FastifyInstance, dependencies: CallsDependencies) {
    this.#app = app
    this.#dependencies = dependencies
    app.addContentTypeParser(MEDIA_TYPE, (_request, _payload, done) => done(null))
  }

  /** Serves an operation with one request and one answer. `handle` returns the answer or throws. */
  unary(
    operation: KnownOperation,
    [asked, answered]: readonly [string, string],
    handle: (message: object, call: GrpcCall) => object,
  ): void {
    this.serve(
      operation,
      call => this.one(call, asked, message => this.answer(call, answered, handle(message, call))),
      answered,
    )
  }

  /**
   * Serves an operation. What `handle` throws ends the call.
   * @param answered name of the only message of its answer; undefined if it answers with a stream
   */
  serve(operation: KnownOperation, handle: (call: GrpcCall) => void, answered?: string): void {
    const ownRefusal = (reply: FastifyReply, problem: Parameters<typeof trailersOf>[1]) => {
      if (!speaksGrpc(reply.request)) return undefined
      setTrailers(reply.raw, trailersOf(this.#dependencies.library, problem))
      countStatus(reply)
      return { status: 200, headers: {}, mediaType: grpcMediaType, body: '' }
    }
    serveUnchecked(
      this.#app,
      operation,
      (request, reply) => {
        checkWay(request)
        countStatus(reply)
        const exchange = exchangeOf(request)!
        const timeoutMs = timeoutMsIn(request.headers['grpc-timeout'])
        const deadlineAt = timeoutMs === undefined ? undefined : exchange.startedAt + timeoutMs
        if (deadlineAt !== undefined && deadlineAt <= this.#dependencies.clock.now()) throw deadlineExceeded()
        handle({ request, reply, exchange, deadlineAt, connection: undefined })
        return reply
      },
      {
        ownRefusal,
        ...(answered !== undefined && { answerCodec: answerCodec(this.#dependencies.library, answered) }),
      },
    )
  }

  /** Refuses operations that are switched off. */
  refuse(names: readonly KnownOperation[], detail: string): void {
    for (const operation of names) {
      this.serve(operation, () => {
        throw new ProblemError('not_found', detail)
      })
    }
  }

  /** Reads the only message of a client. */
  one(call: GrpcCall, asked: string, handle: (message: object) => void): void {
    const isHeldOpen = call.request.headers[endsWithRequest] === 'true'
    let only: object | undefined
    const receiver: MessageReceiver = {
      message(message) {
        if (only !== undefined) throw new ProblemError('malformed_body', 'expected one message, got several')
        only = message
        if (isHeldOpen) handle(only)
      },
      end() {
        if (only === undefined) throw new ProblemError('malformed_body', 'expected one message, got none')
        if (!isHeldOpen) handle(only)
        else call.connection?.close('client', endWell)
      },
      fail: error => this.fail(call, error),
    }
    this.receive(call, asked, receiver, isHeldOpen)
  }

  /** Ends a call with a problem, whether its answer has begun or not. */
  fail(call: GrpcCall, error: unknown): void {
    const { connection, reply } = call
    if (connection === undefined) return void reply.send(error)
    const problem =
      error instanceof ProblemError ? error : new ProblemError('internal_error', 'the target failed; see its log')
    const reason = problem.code === 'deadline_exceeded' ? 'client' : 'protocol'
    connection.close(reason, wire => (wire as GrpcWire).endWith(trailersOf(this.#dependencies.library, problem)))
  }

  /**
   * Reads the messages of a client as they come, unless it does not read their answers: those are never dropped.
   * @param mayBeSilent whether a client may be silent for longer than `http.requestTimeout`
   */
  receive(call: GrpcCall, asked: string, receiver: MessageReceiver, mayBeSilent = false): void {
    const { request, exchange, deadlineAt } = call
    const { library, settings, clock } = this.#dependencies
    const { grpc, http } = settings.current
    const { raw } = request
    const codec = library.codec(asked)
    const reader = new MessageReader(grpc)
    const stream = http2StreamOf(raw)!
    let isOver = false
    // An abort costs a tenth of a unary call.
    const waiting = deadlineAt === undefined ? undefined : new AbortController()
    const finish = (act: () => void) => {
      if (isOver) return
      isOver = true
      waiting?.abort()
      raw.off('data', onData).off('end', onEnd)
      stream.off('close', onGone)
      stream.setTimeout(0)
      act()
    }
    const guarded = (act: () => void) => {
      try {
        act()
      } catch (error) {
        finish(() => receiver.fail(error))
      }
    }
    // Messages of a chunk that wait, because their client does not read the answers to earlier ones.
    let held: Iterator<Buffer> | undefined
    let hasEnded = false
    const readOn = (messages: Iterator<Buffer>) => {
      held = undefined
      for (let next = messages.next(); next.done !== true; next = messages.next()) {
        receiver.message(decoded(codec.deserialize, next.value))
        if (isOver) return
        const { connection } = call
        if (connection?.owesAnswers !== true) continue
        held = messages
        raw.pause()
        const goOn = () => {
          raw.resume()
          guarded(() => readOn(messages))
        }
        connection.onDrain = goOn
        return
      }
      const { pendingBytes } = reader
      if (pendingBytes > SMALL_BYTES && !exchange.reserve(2 * pendingBytes)) throw exchange.memoryRefusal(pendingBytes)
      if (hasEnded) onEnd()
    }
    function onData(chunk: Buffer): void {
      guarded(() => {
        exchange.bytesIn += chunk.length
        readOn(reader.read(chunk))
      })
    }
    function onEnd(): void {
      hasEnded = true
      if (held !== undefined) return
      finish(() => {
        try {
          reader.finish()
          receiver.end()
        } catch (error) {
          receiver.fail(error)
        }
      })
    }
    function onGone(): void {
      finish(() => {})
    }
    raw.on('data', onData)
    raw.on('end', onEnd)
    stream.on('close', onGone)
    const timeoutMs = parseDuration(http.requestTimeout)
    if (!mayBeSilent && timeoutMs > 0) {
      stream.setTimeout(timeoutMs, () => {
        finish(() => receiver.fail(new ProblemError('request_timeout', 'the client was silent for too long')))
      })
    }
    if (deadlineAt !== undefined) {
      void clock.sleep(deadlineAt - clock.now(), waiting!.signal).then(() => {
        finish(() => receiver.fail(deadlineExceeded()))
      })
    }
  }

  answer({ reply }: GrpcCall, answered: string, message: object): void {
    setTrailers(reply.raw, okTrailers)
    const bytes = prefixed(this.#dependencies.library.codec(answered).serialize(message))
    void reply.code(200).type(grpcMediaType).send(bytes)
  }

  /** Returns how a stream of this call is opened. It ends at the deadline. */
  opening(call: GrpcCall): {
    exchange: RequestExchange
    headers: OutgoingHttpHeaders
    takeOver: () => ServerResponse
    onOpen: (connection: Connection) => void
  } {
    const { request, reply, exchange, deadlineAt } = call
    const { clock } = this.#dependencies
    return {
      exchange,
      headers: { ...(reply.getHeaders() as OutgoingHttpHeaders), [headers.requestId]: request.id },
      takeOver: () => reply.hijack().raw,
      onOpen: connection => {
        call.connection = connection
        if (deadlineAt === undefined) return
        const gone = new AbortController()
        http2StreamOf(reply.raw)?.once('close', () => gone.abort())
        void clock.sleep(deadlineAt - clock.now(), gone.signal).then(() => {
          this.fail(call, deadlineExceeded())
        })
      },
    }
  }
}

/** Ends a stream whose client wants no more. */
export function endWell(wire: Wire): void {
  ;(wire as GrpcWire).endWith(okTrailers)
}

function decoded(deserialize: (bytes: Buffer) => object, message: Buffer): object {
  try {
    return deserialize(message)
  } catch (error) {
    throw new ProblemError('malformed_body', `expected a message of protocol buffers: ${(error as Error).message}`)
  }
}

function speaksGrpc({ raw, headers: sent }: FastifyRequest): boolean {
  return http2StreamOf(raw) !== undefined && MEDIA_TYPE.test(sent['content-type'] ?? '')
}

function checkWay(request: FastifyRequest): void {
  if (speaksGrpc(request)) return
  const mediaType = request.headers['content-type']
  const isGrpc = mediaType !== undefined && MEDIA_TYPE.test(mediaType)
  const got = isGrpc ? 'HTTP/1.1' : mediaType === undefined ? 'none' : quotedStart(mediaType)
  throw new ProblemError('unsupported_media_type', `expected Content-Type application/grpc over HTTP/2, got ${got}`)
}
