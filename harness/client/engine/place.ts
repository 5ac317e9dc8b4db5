/** A server, as an origin names it. */
export interface ServerPlace {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  /** Whether what is sent needs a connection of its own to the server, even through a proxy: everything but plain HTTP. */
  readonly needsTunnel: boolean
}

/** @param origin as in `URL.origin`: `http:`, `https:`, `ws:` or `wss:`. */
export function placeOf(origin: string): ServerPlace {
  const { hostname, port, protocol } = new URL(origin)
  const isSecure = protocol === 'https:' || protocol === 'wss:'
  return {
    host: hostname.replaceAll(/[[\]]/g, ''),
    port: Number(port || (isSecure ? 443 : 80)),
    isSecure,
    needsTunnel: protocol !== 'http:',
  }
}
