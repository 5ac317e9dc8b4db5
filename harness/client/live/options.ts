import type { StreamOptions } from '../../scenario/streams.ts'
import { checkLength, encodeHeaders } from '../message/request-head.ts'
import { jitterOf } from '../timing/backoff.ts'
import { parseReadRate } from './pace.ts'
import { parseSilence } from './silence.ts'

/** Options of an author, for a stream and for a socket. */
export type LiveOptions = Pick<StreamOptions, 'headers' | 'jitter' | 'name' | 'readRate' | 'silence'>

/** Rejects an author's mistakes at once, while the caller can still catch them. @throws TypeError or RangeError */
export function checkLiveOptions({ headers, jitter, readRate, silence }: LiveOptions): void {
  jitterOf(jitter)
  parseSilence(silence)
  if (readRate !== undefined) parseReadRate(readRate)
  checkLength(encodeHeaders(headers) ?? {}, 0)
}
