import type { ResponseHeaders } from './response.ts'

/** Returns the media type of a `Content-Type` in lower case, without parameters: `application/json`; '' where there is none. */
export function mediaTypeOf(contentType: ResponseHeaders[string]): string {
  return (valueOf(contentType).split(';', 1)[0] as string).trim().toLowerCase()
}

/** Returns the `charset` of a `Content-Type` in lower case; undefined where it has none. */
export function charsetOf(contentType: ResponseHeaders[string]): string | undefined {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(valueOf(contentType)) ?? []
  return (quoted ?? plain)?.toLowerCase()
}

/** Returns the last value of a repeated `Content-Type`, as `fetch` does. */
function valueOf(contentType: ResponseHeaders[string]): string {
  return (Array.isArray(contentType) ? contentType.at(-1) : contentType) ?? ''
}
