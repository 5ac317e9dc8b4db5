import type { MemoryTable } from '../memory/budget.ts'

/** An event of a stream. */
export interface StreamEventAbout {
  readonly kind: 'event'
  /** Name of the stream. */
  readonly channel: string
  /** Its place in the order of all events of its tenant. */
  readonly sequence: number
  readonly partition: number
  readonly offset: number
  /** Set where several subscriptions share a connection. */
  readonly subscription?: string | undefined
}

/** An event of a room, topic, symbol or document. */
export interface ChannelEventAbout {
  readonly kind: 'event'
  readonly channel: string
  /** Its place in the order of its channel; `presence` for messages about members, which have none. */
  readonly sequence: number | 'presence'
  readonly partition?: undefined
  readonly subscription?: string | undefined
}

export type EventAbout = StreamEventAbout | ChannelEventAbout

/** An answer to a request of the client. */
export interface AnswerAbout {
  readonly kind: 'answer'
  readonly verb: 'acknowledgement' | 'pong' | 'refusal'
  /** Undefined if it is about no channel or several. */
  readonly channel?: string | undefined
}

/** A message about the connection itself. */
export interface ControlAbout {
  readonly kind: 'control'
}

export type About = EventAbout | AnswerAbout | ControlAbout

export const control: ControlAbout = { kind: 'control' }
export const pong: AnswerAbout = { kind: 'answer', verb: 'pong' }
export const refusal: AnswerAbout = { kind: 'answer', verb: 'refusal' }

/** @param channels the channels of the client's request */
export function acknowledgement(...channels: readonly string[]): AnswerAbout {
  return { kind: 'answer', verb: 'acknowledgement', channel: channels.length === 1 ? channels[0] : undefined }
}

/** Encoded bytes that all recipients share. */
export interface Frame {
  /** Bytes on the socket: an HTTP chunk, or a WebSocket frame. */
  readonly bytes: Buffer
  /** Size without that framing. */
  readonly payloadBytes: number
  readonly about: About
  /** Conflation key: a newer frame with an equal key replaces this one; undefined if none does. */
  readonly key: string | undefined
  /** The frame compressed for WebSockets, where that is possible. */
  readonly deflated?: Buffer
  /** Returns a copy that clients cannot read. Default: by the rules of JSON. */
  spoiled?(): Frame
  /** Returns a copy of an answer that names another request. Default: by the rules of JSON, STOMP and Socket.IO. */
  misdirected?(): Frame
  /** Whether a fault has made its content malformed. */
  readonly isMalformed?: true
  /** Number of outboxes it waits in. The first one is charged for its bytes. */
  waitingIn: number
  /** Set while a fault delays it; all frames behind it wait too. */
  readonly held?: HeldBack
}

export interface HeldBack {
  /** By the monotonic clock. */
  readonly dueAt: number
  /** Ends the wait; returns the frame to send. */
  release(): Frame
}

export function isEventOf(channel: string, { about }: Frame): boolean {
  return about.kind === 'event' && about.channel === channel
}

/** Estimate for a frame without its bytes, its share of a buffer pool included; measured and rounded up. */
const FRAME_BYTES = 600

/** Estimates the memory of a frame. */
export function memoryBytesOf({ bytes }: Frame): number {
  return FRAME_BYTES + bytes.length
}

/** Estimate for one place in an outbox, measured and rounded up. */
const PLACE_BYTES = 64

/** Estimates the memory that the frame would take in one more outbox. */
export function waitingCost(frame: Frame): number {
  return frame.waitingIn === 0 ? PLACE_BYTES + memoryBytesOf(frame) : PLACE_BYTES
}

/** Counts one more outbox that the frame waits in. All share its bytes, so they are charged once. */
export function beginWaiting(frame: Frame, memory: MemoryTable): void {
  memory.charge(waitingCost(frame))
  frame.waitingIn += 1
}

export function endWaiting(frame: Frame, memory: MemoryTable): void {
  frame.waitingIn -= 1
  memory.release(waitingCost(frame))
}
