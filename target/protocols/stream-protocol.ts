import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { LaggedFrame, ResetFrame } from '../../contract/streams.ts'
import type { Frame, StreamEventAbout } from '../connections/frame.ts'
import type { Wire } from '../connections/wire.ts'

/** An event as protocols write it. */
export interface OutgoingEvent {
  readonly type: string
  /** The event and its position as one line of JSON. */
  readonly text: string
  readonly cursor: string
  readonly about: StreamEventAbout
  readonly key: string
}

/** Encodes events. A frame is shared by all its recipients. */
export interface EventEncoder {
  event(event: OutgoingEvent): Frame
  /** Whether events keep none of its frames, because there is any number of such encoders. */
  readonly isTransient?: true
}

/** How a stream is written to a client that only reads. */
export interface StreamProtocol extends EventEncoder {
  readonly contentType: string
  /** Returns the start of the body; undefined if there is none. */
  preamble(retryMs: number): Frame | undefined
  reset(reset: ResetFrame): Frame
  lagged(lagged: LaggedFrame): Frame
  readonly keepAlive: Frame
  /** Returns how it is written to a stream of HTTP/2. Default: as the body of the response. */
  http2Wire?(response: ServerResponse, stream: ServerHttp2Stream): Wire
}

export type StreamProtocolName = 'sse' | 'ndjson'
