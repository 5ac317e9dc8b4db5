import type { ResponseHeaders } from './response.ts'

/** The media type of a `Content-Type` without its parameters, in lower case: `application/json`; '' where there is none. */
export function mediaTypeOf(contentType: ResponseHeaders[string]): string {
  return (valueOf(contentType).split(';', 1)[0] as string).trim().toLowerCase()
}

/** The `charset` of a `Content-Type` in lower case; undefined where it has none. */
export function charsetOf(contentType: ResponseHeaders[string]): string | undefined {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(valueOf(contentType)) ?? []
  return (quoted ?? plain)?.toLowerCase()
}

/** A repeated `Content-Type` means its last value, as for `fetch`. */
function valueOf(contentType: ResponseHeaders[string]): string {
  return (Array.isArray(contentType) ? contentType.at(-1) : contentType) ?? ''
}
