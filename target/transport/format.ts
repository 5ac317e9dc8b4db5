import { controlFrames, type LaggedFrame, type ResetFrame } from '../../contract/streams.ts'
import type { FrameEncoder, StoredEvent } from '../streams/event.ts'
import { type Frame, frameOf } from './frame.ts'

export type FormatName = 'sse' | 'ndjson'

/** How a stream is written down. */
export interface Format extends FrameEncoder {
  readonly contentType: string
  /** What opens the body, if anything does. */
  preamble(retryMs: number): Frame | undefined
  event(event: StoredEvent): Frame
  reset(reset: ResetFrame): Frame
  lagged(lagged: LaggedFrame): Frame
  readonly keepAlive: Frame
}

const sse: Format = {
  contentType: 'text/event-stream; charset=utf-8',
  preamble: retryMs => frameOf(`retry: ${Math.round(retryMs)}\n\n`),
  // No field can hold a line break: types have a pattern, and JSON text escapes them.
  event: event => frameOf(`id: ${event.cursor}\nevent: ${event.type}\ndata: ${event.text}\n\n`, event.cursor),
  reset: reset => frameOf(`id: ${reset.cursor}\nevent: ${controlFrames.reset}\ndata: ${JSON.stringify(reset)}\n\n`),
  lagged: lagged => frameOf(`event: ${controlFrames.lagged}\ndata: ${JSON.stringify(lagged)}\n\n`),
  keepAlive: frameOf(': keep-alive\n\n'),
}

const ndjson: Format = {
  contentType: 'application/x-ndjson; charset=utf-8',
  preamble: () => undefined,
  event: event => frameOf(`${event.text.slice(0, -1)},"cursor":"${event.cursor}"}\n`, event.cursor),
  reset: reset => frameOf(`${JSON.stringify({ type: controlFrames.reset, ...reset })}\n`),
  lagged: lagged => frameOf(`${JSON.stringify({ type: controlFrames.lagged, ...lagged })}\n`),
  keepAlive: frameOf('{"type":"keep_alive"}\n'),
}

export const formats: Readonly<Record<FormatName, Format>> = { sse, ndjson }
