/** A request of a recording that a test makes up. */
export interface HarRequest {
  method?: string
  url: string
  /** Seconds from the start of the recording. */
  at?: number
  ms?: number
  headers?: Record<string, string>
  json?: unknown
  form?: Record<string, string>
  /** Any other body: its type and text. */
  body?: [mediaType: string, text: string]
  status?: number
  response?: unknown
  responseHeaders?: Record<string, string>
  mediaType?: string
  page?: string
  type?: string
  /** Further fields of the entry, as one browser writes them. */
  extra?: Record<string, unknown>
}

const pairs = (headers: Record<string, string>) => Object.entries(headers).map(([name, value]) => ({ name, value }))

/** Returns a recording as text. */
export function har(requests: readonly HarRequest[], pages: readonly { id: string; title: string }[] = []): string {
  const entries = requests.map(each => {
    const url = new URL(each.url)
    const postData =
      each.json !== undefined
        ? { mimeType: 'application/json', text: JSON.stringify(each.json) }
        : each.form !== undefined
          ? {
              mimeType: 'application/x-www-form-urlencoded',
              text: new URLSearchParams(each.form).toString(),
              params: pairs(each.form),
            }
          : each.body && { mimeType: each.body[0], text: each.body[1] }
    const isText = typeof each.response === 'string'
    return {
      ...(each.page !== undefined && { pageref: each.page }),
      startedDateTime: new Date(Date.UTC(2026, 0, 31, 12) + (each.at ?? 0) * 1000).toISOString(),
      time: each.ms ?? 50,
      request: {
        method: each.method ?? (postData === undefined ? 'GET' : 'POST'),
        url: each.url,
        httpVersion: 'HTTP/1.1',
        headers: pairs(each.headers ?? {}),
        queryString: [...url.searchParams].map(([name, value]) => ({ name, value })),
        cookies: [],
        headersSize: -1,
        bodySize: -1,
        ...(postData !== undefined && { postData }),
      },
      response: {
        status: each.status ?? 200,
        statusText: '',
        httpVersion: 'HTTP/1.1',
        headers: pairs(each.responseHeaders ?? {}),
        cookies: [],
        content: {
          size: 0,
          mimeType: each.mediaType ?? (isText ? 'text/html' : 'application/json; charset=utf-8'),
          ...(each.response !== undefined && { text: isText ? each.response : JSON.stringify(each.response) }),
        },
        redirectURL: '',
        headersSize: -1,
        bodySize: -1,
      },
      cache: {},
      timings: { send: 0, wait: 50, receive: 0 },
      ...(each.type !== undefined && { _resourceType: each.type }),
      ...each.extra,
    }
  })
  return JSON.stringify({
    log: {
      version: '1.2',
      creator: { name: 'test', version: '1' },
      pages: pages.map(page => ({ startedDateTime: '2026-01-31T12:00:00.000Z', pageTimings: {}, ...page })),
      entries,
    },
  })
}
