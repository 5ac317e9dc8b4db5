import { isUtf8 } from 'node:buffer'
import type { WebSocket } from 'ws'
import type { TObject } from 'typebox'
import { type Checker, describe } from '../../core/check.ts'
import { areOfNames } from '../../contract/name.ts'
import type { ErrorFrame, SocketProblemCode } from '../../contract/sockets/frames.ts'
import type { Clock } from '../../core/clock.ts'
import { Ring } from '../../core/ring.ts'
import type { Bearer } from '../exchange/bearer.ts'
import { JsonError, readJson, textOf } from '../json/read-json.ts'
import type { Connection } from '../connections/connection.ts'
import { SocketFrame } from '../connections/socket-frame.ts'
import type { Endpoint, Peer, EndpointSession } from './endpoint.ts'
import { SocketRefusal } from './refusal.ts'
import { SentFrame } from './sent-frame.ts'
import type { Subscriptions } from './subscriptions.ts'

/** An endpoint with its compiled schemas. */
export interface ReadyEndpoint {
  endpoint: Endpoint
  checkers: ReadonlyMap<string, Checker<object>>
}

export interface ConversationParts {
  webSocket: WebSocket
  connection: Connection
  clock: Clock
  key: string
  tenant: string
  bearer: Bearer | undefined
  query: Readonly<Record<string, string | undefined>>
  subscriptions: Subscriptions
  /** Most levels of arrays and objects in a frame. */
  jsonDepth: number
  /** Called with the size of each frame, and the reason if it was refused. */
  onFrame: (bytes: number, refusal: SocketProblemCode | undefined) => void
  /** Called when an endpoint throws an unexpected error. */
  onFault: (error: unknown) => void
}

interface Unheard {
  data: Buffer
  isBinary: boolean
}

/** One client's dialogue with an endpoint. Every frame is answered, whatever it contains. */
export class Conversation implements Peer {
  readonly key: string
  readonly tenant: string
  readonly bearer: Bearer | undefined
  readonly query: Readonly<Record<string, string | undefined>>
  readonly connection: Connection
  readonly subscriptions: Subscriptions
  heardAt: number
  readonly #parts: ConversationParts
  readonly #endpoint: ReadyEndpoint
  readonly #session: EndpointSession<Record<string, TObject>>
  /** Frames that were read before the client was paused; undefined while it is not paused. */
  #unheard: Ring<Unheard> | undefined

  constructor(ready: ReadyEndpoint, parts: ConversationParts) {
    this.key = parts.key
    this.tenant = parts.tenant
    this.bearer = parts.bearer
    this.query = parts.query
    this.connection = parts.connection
    this.subscriptions = parts.subscriptions
    this.heardAt = parts.clock.now()
    this.#parts = parts
    this.#endpoint = ready
    this.#session = ready.endpoint.connected(this)
    // The library's default delivers each message as one buffer.
    parts.webSocket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
  }

  reply(frame: object): void {
    this.replyWritten(JSON.stringify(frame), frame)
  }

  replyWritten(json: string, frame: object): void {
    this.connection.answer(new SocketFrame(json), frame)
  }

  end(): void {
    // A client may still send until it has read the close frame.
    this.#parts.webSocket.removeAllListeners('message')
    this.#unheard = undefined
    this.#session.left()
    this.subscriptions.clear()
  }

  /**
   * Pauses a client that sends but does not read until it has read: its own socket fills up, and nothing piles up
   * here.
   */
  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#unheard === undefined) {
      this.#hear(data, isBinary)
      if (this.connection.owesAnswers) this.#stopHearing()
    } else this.#unheard.push({ data, isBinary })
  }

  #stopHearing(): void {
    this.#unheard ??= new Ring()
    this.#parts.webSocket.pause()
    this.#parts.connection.onCaughtUp = () => this.#hearOn()
  }

  #hearOn(): void {
    while (!this.connection.owesAnswers) {
      const next = this.#unheard?.shift()
      if (next === undefined) {
        this.#unheard = undefined
        this.#parts.webSocket.resume()
        return
      }
      this.#hear(next.data, next.isBinary)
    }
    this.#stopHearing()
  }

  #hear(data: Buffer, isBinary: boolean): void {
    this.heardAt = this.#parts.clock.now()
    const text = textOf(data)
    let frame: Record<string, unknown> | undefined
    let refusal: SocketRefusal | undefined
    try {
      // Some libraries send text in binary frames by default.
      frame = isBinary && !isUtf8(data) ? undefined : objectOf(text, this.#parts.jsonDepth)
      if (frame === undefined) {
        throw new SocketRefusal('malformed_json', `expected a frame with a JSON object, got ${inWords(text, isBinary)}`)
      }
      this.#act(frame, text)
    } catch (error) {
      if (!(error instanceof SocketRefusal)) return this.#parts.onFault(error)
      refusal = error
      this.reply(this.#errorFrame(error, frame, text))
    }
    this.#parts.onFrame(data.length, refusal?.code)
  }

  #act(frame: Record<string, unknown>, text: string): void {
    const { endpoint, checkers } = this.#endpoint
    const action = frame[endpoint.verb]
    const checker = typeof action === 'string' ? checkers.get(action) : undefined
    if (checker === undefined) {
      const known = [...checkers.keys()].join(', ')
      throw new SocketRefusal(
        'unknown_action',
        `expected ${endpoint.verb} to be one of ${known}, got ${describe(action)}`,
      )
    }
    if (!checker.check(frame)) {
      const errors = checker.errors(frame)
      const code = areOfNames(errors) ? 'invalid_name' : 'invalid_request'
      throw new SocketRefusal(code, errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '))
    }
    this.#session.on[action as string]!(frame, new SentFrame(text))
  }

  #errorFrame({ code, message }: SocketRefusal, frame: Record<string, unknown> | undefined, text: string): ErrorFrame {
    const name = frame?.['id'] == null ? this.#endpoint.endpoint.verb : 'id'
    const about = frame?.[name]
    const known = typeof about === 'string' || typeof about === 'number'
    const written = known && new SentFrame(text).nameOf(name, about).slice(0, 256)
    return { type: 'error', code, detail: message, ...(known && { in_reply_to: written as string }) }
  }
}

/**
 * Parses a frame. Returns undefined if it is JSON but not an object.
 * @throws SocketRefusal for text that is not JSON, or not acceptable
 */
function objectOf(text: string, jsonDepth: number): Record<string, unknown> | undefined {
  let value: unknown
  try {
    value = readJson(text, jsonDepth)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new SocketRefusal(error.code, `expected a frame with a JSON object: ${error.message}`)
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Record<string, unknown>) : undefined
}

function inWords(text: string, isBinary: boolean): string {
  return isBinary ? 'a binary frame' : JSON.stringify(text.slice(0, 80))
}
