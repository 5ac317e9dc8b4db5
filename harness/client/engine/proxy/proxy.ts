/** A server through which others are reached. */
export interface Proxy {
  /** A name or an address; IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Whether the connection to the proxy itself has TLS. */
  readonly isSecure: boolean
  /** Value of `Proxy-Authorization`, from the user name and password of the URL. */
  readonly authorization: string | undefined
  /** Its URL as it was given. It may hold a password. */
  readonly url: string
  /** Its URL for people, without credentials. */
  readonly shown: string
}

/** Finds the proxy for a connection. */
export interface Proxies {
  /** Every proxy that it may find. */
  readonly all: readonly Proxy[]
  /** @param host a name or an address; IPv6 without brackets. */
  find(host: string, port: number, isSecure: boolean): Proxy | undefined
}
