/** Versions of HTTP that a scenario may ask for. `auto` takes HTTP/2 where the server offers it over TLS, and HTTP/1.1 elsewhere. */
export const httpVersions = ['1.1', '2', 'auto'] as const

export type HttpVersion = (typeof httpVersions)[number]
