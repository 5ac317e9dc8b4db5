import { isUtf8 } from 'node:buffer'
import type { ErrorFrame } from '../../contract/sockets/frames.ts'
import { type Frame, refusal } from '../connections/frame.ts'
import { SocketFrame } from '../connections/socket-wire.ts'
import { JsonError, readJson, textOf } from '../json/read-json.ts'
import { SocketRefusal } from './refusal.ts'
import { SentFrame } from './sent-frame.ts'
import { type OutgoingMessage, placeOf, type SocketMessage, type SocketProtocol } from './socket-protocol.ts'

/**
 * One JSON object per WebSocket message.
 * @param verb name of the member that names the action
 * @param depth returns the most levels of arrays and objects in a message
 */
export function jsonProtocol(verb: string, depth: () => number): SocketProtocol {
  return {
    decode(bytes, isBinary) {
      const text = textOf(bytes)
      // Some libraries send text in binary frames by default.
      const body = isBinary && !isUtf8(bytes) ? undefined : objectOf(text, depth())
      if (body === undefined) {
        throw new SocketRefusal('malformed_json', `expected a frame with a JSON object, got ${inWords(text, isBinary)}`)
      }
      return { action: body[verb], body, sent: new SentFrame(text) }
    },
    encode: encodeJson,
    refuse({ code, message: detail }, to) {
      const answer: ErrorFrame = { type: 'error', code, detail, ...(to && inReplyTo(to, verb)) }
      return encodeJson({ message: answer, about: refusal })
    },
    lagged({ dropped, from, to }) {
      return new SocketFrame(JSON.stringify({ type: 'lagged', dropped, from: placeOf(from), to: placeOf(to) }))
    },
  }
}

export function encodeJson({ message, about, key }: OutgoingMessage): Frame {
  return new SocketFrame(typeof message === 'string' ? message : JSON.stringify(message), about, key)
}

/** The id of the refused message, else its action. */
function inReplyTo({ body, sent }: SocketMessage, verb: string): Pick<ErrorFrame, 'in_reply_to'> {
  const name = body['id'] == null ? verb : 'id'
  const value = body[name]
  if (typeof value !== 'string' && typeof value !== 'number') return {}
  return { in_reply_to: sent.nameOf(name, value).slice(0, 256) }
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
