import { isUtf8 } from 'node:buffer'
import type { ErrorFrame, Ping, PongContent } from '../../contract/sockets/frames.ts'
import { control, type EventAbout, pong, refusal } from '../connections/frame.ts'
import { SocketFrame } from '../connections/socket-wire.ts'
import { JsonError, readJson, textOf } from '../json/read-json.ts'
import { SocketRefusal } from './refusal.ts'
import { SentFrame } from './sent-frame.ts'
import type { SocketMessage, SocketProtocol } from './socket-protocol.ts'
import { quotedStart } from '../../core/quoted-start.ts'

/**
 * One JSON object per WebSocket message.
 * @param verb name of the member that names the action
 */
export function jsonProtocol(verb: 'action' | 'type' | 'op'): SocketProtocol {
  const answerVerb = verb === 'op' ? 'op' : 'type'
  const protocol: SocketProtocol = {
    verb,
    decode(bytes, isBinary, depth) {
      const text = textOf(bytes)
      // Some libraries send text in binary frames by default.
      const body = isBinary && !isUtf8(bytes) ? undefined : objectOf(text, depth)
      if (body === undefined) {
        throw new SocketRefusal('malformed_json', `expected a frame with a JSON object, got ${inWords(text, isBinary)}`)
      }
      return { action: body[verb], body, sent: new SentFrame(text) }
    },
    encode: ({ message, about, key }) =>
      new SocketFrame(typeof message === 'string' ? message : JSON.stringify(message), about, key),
    pong({ body, sent }, wallTime) {
      const { ts } = body as Ping
      const content: PongContent = { ...(ts != null && { ts: sent.written('ts', ts) }), server_ts: wallTime }
      return protocol.encode({ message: { [answerVerb]: 'pong', ...content }, about: pong })
    },
    refuse({ code, message: detail }, to) {
      const answer: ErrorFrame = { type: 'error', code, detail, ...(to && inReplyTo(to, verb)) }
      return protocol.encode({ message: answer, about: refusal })
    },
    lagged({ dropped, from, to }) {
      const message = { type: 'lagged', dropped, from: placeOf(from), to: placeOf(to) }
      return protocol.encode({ message, about: control })
    },
  }
  return protocol
}

/** The position of an event as clients are told it. */
function placeOf({ channel, sequence }: EventAbout): string {
  return `${channel}@${sequence}`
}

/** The id of the refused message, else its action. */
function inReplyTo({ body, sent }: SocketMessage, verb: string): Pick<ErrorFrame, 'in_reply_to'> {
  const name = body['id'] == null ? verb : 'id'
  const value = body[name]
  if (typeof value !== 'string' && typeof value !== 'number') return {}
  return { in_reply_to: sent.identifier(name, value).name.slice(0, 256) }
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
  return isBinary ? 'a binary frame' : quotedStart(text)
}
