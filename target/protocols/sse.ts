import { controlFrames } from '../../contract/streams.ts'
import { chunkOf } from '../connections/http-wire.ts'
import type { StreamProtocol } from './stream-protocol.ts'

/** Server-sent events. */
export const sse: StreamProtocol = {
  contentType: 'text/event-stream; charset=utf-8',
  preamble: retryMs => chunkOf(`retry: ${Math.round(retryMs)}\n\n`),
  // No field can hold a line break: types are names, and JSON text escapes them.
  event: ({ cursor, type, text, about, key }) =>
    chunkOf(`id: ${cursor}\nevent: ${type}\ndata: ${text}\n\n`, about, key),
  reset: reset => chunkOf(`id: ${reset.cursor}\nevent: ${controlFrames.reset}\ndata: ${JSON.stringify(reset)}\n\n`),
  lagged: lagged => chunkOf(`event: ${controlFrames.lagged}\ndata: ${JSON.stringify(lagged)}\n\n`),
  keepAlive: chunkOf(': keep-alive\n\n'),
}
