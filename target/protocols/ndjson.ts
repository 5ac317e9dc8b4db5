import { controlFrames } from '../../contract/streams.ts'
import { chunkOf } from '../connections/http-wire.ts'
import type { StreamProtocol } from './stream-protocol.ts'

/** One JSON object per line. */
export const ndjson: StreamProtocol = {
  contentType: 'application/x-ndjson; charset=utf-8',
  preamble: () => undefined,
  event: ({ cursor, text, about, key }) => chunkOf(`${text.slice(0, -1)},"cursor":"${cursor}"}\n`, about, key),
  reset: reset => chunkOf(`${JSON.stringify({ type: controlFrames.reset, ...reset })}\n`),
  lagged: lagged => chunkOf(`${JSON.stringify({ type: controlFrames.lagged, ...lagged })}\n`),
  keepAlive: chunkOf('{"type":"keep_alive"}\n'),
}
