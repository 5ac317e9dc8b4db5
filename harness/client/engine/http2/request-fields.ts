import type { OutgoingHttpHeaders } from 'node:http2'
import type { EngineRequest } from '../engine.ts'

/** Fields about a connection of HTTP/1.1, which HTTP/2 forbids (RFC 9113 §8.2.2), and the host, which has a field of its own. */
const OMITTED: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** Returns the fields of a request to this host as HTTP/2 has them. */
export function requestFields(
  authority: string,
  { method, path, headers, shared, body }: EngineRequest,
): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = {
    ':method': method,
    ':path': path,
    ':scheme': 'https',
    ':authority': headers['host'] ?? authority,
  }
  for (const each of [shared, headers]) {
    for (const name in each)
      if (!OMITTED.has(name) && (name !== 'te' || each[name] === 'trailers')) fields[name] = each[name]
  }
  if (Buffer.isBuffer(body)) fields['content-length'] ??= body.length
  return fields
}
