import { type JsonFields, fieldsOf, isFields, listOf, textOf } from '../json-tree.ts'
import { UnusableSource } from '../unusable-source.ts'

/** Most requests of a recording that are looked at. */
const MOST_ENTRIES = 50_000
/** Larger bodies are not looked into. */
const LARGEST_BODY = 1024 * 1024

/** A request of a recording, and its response. */
export interface RecordedRequest {
  startMs: number
  endMs: number
  method: string
  url: URL
  /** Names in lower case. */
  headers: readonly (readonly [name: string, value: string])[]
  body: RecordedBody | undefined
  status: number
  responseHeaders: readonly (readonly [name: string, value: string])[]
  mediaType: string
  /** Parsed JSON of the response; undefined if it has none. */
  responseJson: unknown
  /** Hidden fields and meta tags of a page, by name. */
  pageFields: readonly (readonly [name: string, value: string])[]
  /** Target of a redirect. */
  location: URL | undefined
  page: string | undefined
  /** Kind of the resource as browsers name it: `xhr`, `document`, `image`. */
  resourceType: string | undefined
  isFromCache: boolean
}

export interface RecordedBody {
  mediaType: string
  text: string
  /** Fields of a form. */
  fields: readonly (readonly [name: string, value: string])[]
}

/** Returns the requests of a recording in the order in which they began. @throws UnusableSource */
export function entriesOf(log: JsonFields): RecordedRequest[] {
  if (!Array.isArray(log['entries'])) {
    throw new UnusableSource('the recording has no list of requests (log.entries)', 'Record and export it again.')
  }
  const values = listOf(log['entries'])
  if (values.length === 0)
    throw new UnusableSource('the recording has no requests', 'Start the recording before you open the first page.')
  if (values.length > MOST_ENTRIES) {
    throw new UnusableSource(
      `the recording has ${values.length} requests, and at most ${MOST_ENTRIES} are read`,
      'Record a shorter visit.',
    )
  }
  const entries = values.map(entryOf).filter(entry => entry !== undefined)
  if (entries.length === 0) {
    throw new UnusableSource(
      `none of the ${values.length} requests of the recording has a method, an HTTP URL and a start time`,
      'Export it as HAR 1.2.',
    )
  }
  return entries.toSorted((a, b) => a.startMs - b.startMs)
}

/** Returns undefined for entries that are not requests over HTTP, such as a `data:` URL. */
function entryOf(value: unknown): RecordedRequest | undefined {
  const entry = fieldsOf(value)
  const request = fieldsOf(entry['request'])
  const response = fieldsOf(entry['response'])
  const url = URL.parse(textOf(request['url']) ?? '')
  const startMs = Date.parse(textOf(entry['startedDateTime']) ?? '')
  const method = textOf(request['method'])?.toUpperCase()
  if (url === null || !/^(https?|wss?):$/.test(url.protocol) || method === undefined || !/^[A-Z]+$/.test(method))
    return undefined
  if (Number.isNaN(startMs)) return undefined
  const content = fieldsOf(response['content'])
  const durationMs = typeof entry['time'] === 'number' && entry['time'] > 0 ? entry['time'] : 0
  const status = typeof response['status'] === 'number' ? response['status'] : 0
  const responseHeaders = pairsOf(response['headers'])
  const redirect = textOf(response['redirectURL']) || responseHeaders.find(([name]) => name === 'location')?.[1]
  const isRedirect = status >= 300 && status < 400 && status !== 304 && redirect !== undefined
  return {
    startMs,
    endMs: startMs + durationMs,
    method,
    url,
    headers: pairsOf(request['headers']),
    body: bodyOf(request['postData']),
    status,
    responseHeaders,
    mediaType: mediaTypeOf(content['mimeType']),
    responseJson: jsonOf(content),
    pageFields: pageFieldsOf(content),
    location: isRedirect ? (URL.parse(redirect, url.href) ?? undefined) : undefined,
    page: textOf(entry['pageref']),
    resourceType: textOf(entry['_resourceType']),
    isFromCache:
      entry['_fromCache'] !== undefined ||
      (response['_transferSize'] === 0 && status === 200 && entry['_fromDiskCache'] === true),
  }
}

/** Returns name and value of headers, parameters or cookies. Names are in lower case. */
function pairsOf(values: unknown, isLower = true): [string, string][] {
  return listOf(values).flatMap(item => {
    const { name, value } = fieldsOf(item)
    return typeof name === 'string'
      ? [[isLower ? name.toLowerCase() : name, typeof value === 'string' ? value : ''] as [string, string]]
      : []
  })
}

function bodyOf(value: unknown): RecordedBody | undefined {
  if (!isFields(value)) return undefined
  const text = textOf(value['text']) ?? ''
  const mediaType = mediaTypeOf(value['mimeType'])
  const isForm = mediaType === 'application/x-www-form-urlencoded'
  const params = pairsOf(value['params'], false)
  // Some recorders keep the parameters in their encoding, and the text has them in any case.
  const fields = isForm && text !== '' ? [...new URLSearchParams(text)] : params
  return text === '' && fields.length === 0 ? undefined : { mediaType, text, fields }
}

function mediaTypeOf(value: unknown): string {
  return (textOf(value) ?? '').split(';')[0]!.trim().toLowerCase()
}

function jsonOf(content: JsonFields): unknown {
  const text = textOf(content['text'])
  if (text === undefined || text.length > LARGEST_BODY || !isJsonType(mediaTypeOf(content['mimeType'])))
    return undefined
  return parsedJson(content['encoding'] === 'base64' ? Buffer.from(text, 'base64').toString() : text)
}

/** Returns the fields that a page tells its next request to send, such as a token against forgery. */
function pageFieldsOf(content: JsonFields): [string, string][] {
  const text = textOf(content['text'])
  if (text === undefined || text.length > LARGEST_BODY || mediaTypeOf(content['mimeType']) !== 'text/html') return []
  const page = content['encoding'] === 'base64' ? Buffer.from(text, 'base64').toString() : text
  return [...page.matchAll(/<(?:input|meta)\b[^>]{0,2000}>/g)].flatMap(([tag]) => {
    const name = /\bname="([\w.:-]{1,60})"/.exec(tag)?.[1]
    const value = /\b(?:value|content)="([^"&]{1,1000})"/.exec(tag)?.[1]
    return name === undefined || value === undefined ? [] : [[name, value] as [string, string]]
  })
}

export function isJsonType(mediaType: string): boolean {
  return /^(application|text)\/([\w.-]+\+)?json$/.test(mediaType)
}

/** Returns undefined for text that is not JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
