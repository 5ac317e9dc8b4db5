import { controlFrames, type LaggedFrame, type ResetFrame } from '../../contract/streams.ts'
import type { FrameEncoder, StoredEvent } from '../streams/event.ts'
import { chunkOf } from '../connections/chunk.ts'
import type { Frame } from '../connections/frame.ts'

export type FormatName = 'sse' | 'ndjson'

/** How a stream is written down. */
export interface Format extends FrameEncoder {
  readonly contentType: string
  /** Returns the start of the body; undefined if there is none. */
  preamble(retryMs: number): Frame | undefined
  event(event: StoredEvent): Frame
  reset(reset: ResetFrame): Frame
  lagged(lagged: LaggedFrame): Frame
  readonly keepAlive: Frame
}

const sse: Format = {
  contentType: 'text/event-stream; charset=utf-8',
  preamble: retryMs => chunkOf(`retry: ${Math.round(retryMs)}\n\n`),
  // No field can hold a line break: types are names, and JSON text escapes them.
  event: event => eventChunk(event, `id: ${event.cursor}\nevent: ${event.type}\ndata: ${event.text}\n\n`),
  reset: reset => chunkOf(`id: ${reset.cursor}\nevent: ${controlFrames.reset}\ndata: ${JSON.stringify(reset)}\n\n`),
  lagged: lagged => chunkOf(`event: ${controlFrames.lagged}\ndata: ${JSON.stringify(lagged)}\n\n`),
  keepAlive: chunkOf(': keep-alive\n\n'),
}

const ndjson: Format = {
  contentType: 'application/x-ndjson; charset=utf-8',
  preamble: () => undefined,
  event: event => eventChunk(event, `${event.text.slice(0, -1)},"cursor":"${event.cursor}"}\n`),
  reset: reset => chunkOf(`${JSON.stringify({ type: controlFrames.reset, ...reset })}\n`),
  lagged: lagged => chunkOf(`${JSON.stringify({ type: controlFrames.lagged, ...lagged })}\n`),
  keepAlive: chunkOf('{"type":"keep_alive"}\n'),
}

function eventChunk({ cursor, key, position }: StoredEvent, payload: string): Frame {
  return chunkOf(payload, cursor, key, position)
}

export const formats: Readonly<Record<FormatName, Format>> = { sse, ndjson }
