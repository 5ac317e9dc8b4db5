import type { DeliveredEvent } from '../../contract/api/events.ts'
import type { Duration } from '../../core/duration.ts'
import type { TagValues } from '../metrics/tag-sets.ts'
import type { HeadersInput, Query, RedirectMode, RequestOptions } from './http.ts'

export interface Sse {
  /**
   * Follows a stream of any server and yields its events as text, unparsed and without accounts of order, gaps and latency. It is
   * opened again like any other stream, but not after a request other than GET.
   */
  open(path: string, options: RawStreamOptions): AsyncIterable<RawEvent>
  /**
   * Follows a stream, and measures order, gaps, duplicates and end-to-end latency. A stream that breaks is counted and opened again,
   * with `Last-Event-ID` and after a pause with jitter. Ends after `until`, after `events`, on `break`, or with the run.
   */
  open(path: string, options?: StreamOptions): AsyncIterable<StreamEvent>
}

export interface StreamOptions {
  /** End after this time. */
  until?: Duration
  /** The stream counts as lost after this time without a byte; default 15s, false or 0: never. */
  silence?: Duration | false
  /** End after this many events. */
  events?: number
  /** Appended to the path. */
  query?: Query
  headers?: HeadersInput
  /** Resume after this cursor. */
  lastEventId?: string
  /** Default true. False: a break ends the stream. */
  reconnect?: boolean
  /** Share of the back-off that is random, 0…1; default 1 (full jitter). 0 shows a thundering herd. */
  jitter?: number
  /** Read no faster than this, as a slow consumer, so that buffers fill on the way and at the server. */
  readRate?: ReadRate
  /** As for a request. A stream that breaks is requested at its original URL again. */
  redirect?: RedirectMode
  /** Name in reports; default: the path with ids replaced by `{id}`. */
  name?: string
  /** As for a request. They hold for everything that is measured of the stream. */
  tags?: TagValues
  /** Whether events are yielded as text, for streams of any server; default false. */
  raw?: false
}

/** Options of a stream whose events are yielded as they came. */
export interface RawStreamOptions extends Omit<StreamOptions, 'raw'> {
  raw: true
  /** Method of the request; default GET. A stream of any other method is not opened again, unless `reconnect` is true. */
  method?: string
  /** Body as JSON. */
  json?: unknown
  /** Body as `application/x-www-form-urlencoded`. */
  form?: RequestOptions['form']
  /** Body of text or bytes. */
  body?: string | Uint8Array | ArrayBuffer | URLSearchParams
}

/** Number of events or frames per second, minute or hour. */
export type ReadRate = `${number}/${'s' | 'm' | 'h'}`

/** An event as the standard defines it. */
export interface RawEvent {
  /** `message` if the server names none. */
  type: string
  /** The last id of the stream, its cursor. It may have arrived with an earlier event. '' for none. */
  id: string
  /** The data as received. */
  data: string
}

export interface StreamEvent extends RawEvent {
  /** The parsed `data`, or the text itself if it is not JSON. */
  event: DeliveredEvent
}
