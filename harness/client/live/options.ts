import type { Session } from '../../session/session.ts'
import type { Host } from '../address/hosts.ts'
import type { StreamOptions } from '../../scenario/streams.ts'
import { checkLength, encodeHeaders } from '../message/request-head.ts'
import { jitterOf } from '../timing/backoff.ts'
import { parseReadRate } from './pace.ts'
import { parseSilence } from './silence.ts'

/** Options of an author, for a stream and for a socket. */
export type LiveOptions = Pick<StreamOptions, 'headers' | 'jitter' | 'name' | 'readRate' | 'silence' | 'tags'>

/** One stream or socket that is followed over one or more connections. */
export interface ReconnectorOptions<Item> {
  transport: 'sse' | 'ws'
  /** Method of its requests; default GET. */
  method?: string
  session: Session
  host: Host
  path: string
  /** The path as errors show it. */
  address: string
  /** Ordinal among all of its kind that the user opens. */
  ordinal: number
  options: LiveOptions
  /** The author's headers replace these. */
  headers?: Record<string, string>
  /** False if a break ends it for good. */
  reconnect: boolean
  /** The first pause, until the server asks for another. */
  retryMs: number
  timeoutMs: number
  /** Drops the oldest items until something reads. */
  yieldsUntilRead?: boolean
  /** Makes what is read out of the items that came until then. */
  open?: (item: Item) => Item
}

/** Rejects an author's mistakes at once, while the caller can still catch them. @throws TypeError or RangeError */
export function checkLiveOptions({ headers, jitter, readRate, silence }: LiveOptions, bodyBytes = 0): void {
  jitterOf(jitter)
  parseSilence(silence)
  if (readRate !== undefined) parseReadRate(readRate)
  checkLength(encodeHeaders(headers) ?? {}, bodyBytes)
}
