import { describe, isObject } from '../../core/check.ts'
import { MalformedMessage, type MessageCodec } from '../bus/link.ts'
import { decodeInterval, encodeInterval, type EncodedInterval } from './encoded-interval.ts'
import type { ToCoordinator, ToWorker } from './messages.ts'

/** Fields that each kind of message must have, with their types in JSON. What is inside of objects is checked when it is used. */
const fieldsToWorker: Shapes<ToWorker> = {
  assign: { runId: 'string', share: 'object', targetUrl: 'string', identify: 'boolean', version: 'string' },
  ping: { id: 'number' },
  start: { phase: 'string', at: 'number' },
  control: { sequence: 'number', atMs: 'number', command: 'object' },
  go: { phase: 'string', load: 'number', at: 'number' },
  settle: {},
  acknowledge: { sequence: 'number' },
  dismiss: {},
}

const fieldsToCoordinator: Shapes<ToCoordinator> = {
  ready: { version: 'string', node: 'string', host: 'string', pid: 'number', cores: 'number', wallTime: 'number' },
  pong: { id: 'number', wallTime: 'number' },
  prepared: { digest: 'string' },
  interval: { sequence: 'number', phase: 'string', interval: 'object' },
  mark: { mark: 'object' },
  begun: { phase: 'string', load: 'number' },
  ended: { phase: 'string', atMs: 'number' },
  finished: { intervals: 'number' },
  failed: { outcome: 'object' },
  heartbeat: {},
}

type Shapes<Message extends { kind: string }> = Record<
  Message['kind'],
  Record<string, 'string' | 'number' | 'boolean' | 'object'>
>

/** Codec of the coordinator, for links to workers in other processes. */
export const coordinatorCodec: MessageCodec<ToWorker, ToCoordinator> = {
  encode: message => JSON.stringify(message),
  decode(text) {
    const message = read<ToCoordinator>(text, fieldsToCoordinator)
    if (message.kind !== 'interval') return message
    try {
      return { ...message, interval: decodeInterval(message.interval as unknown as EncodedInterval) }
    } catch (error) {
      throw new MalformedMessage(`the interval ${message.sequence} cannot be read: ${(error as Error).message}`)
    }
  },
}

/** Codec of a worker. */
export const workerCodec: MessageCodec<ToCoordinator, ToWorker> = {
  encode: message =>
    JSON.stringify(message.kind === 'interval' ? { ...message, interval: encodeInterval(message.interval) } : message),
  decode: text => read<ToWorker>(text, fieldsToWorker),
}

/** @throws MalformedMessage */
function read<Message extends { kind: string }>(text: string, shapes: Shapes<Message>): Message {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new MalformedMessage(`expected a message between coordinator and worker, got ${describe(text)}`)
  }
  const kind = isObject(value) ? value['kind'] : undefined
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind))
    throw new MalformedMessage(`expected a message of a known kind, got ${describe(kind ?? value)}`)
  for (const [field, type] of Object.entries(shapes[kind as Message['kind']])) {
    const given = (value as Record<string, unknown>)[field]
    if (typeof given !== type || given === null)
      throw new MalformedMessage(`the message ${kind}: ${field}: expected a ${type}, got ${describe(given)}`)
  }
  return value as Message
}
