import type { OnReadOpts, Socket } from 'node:net'
import type { Clock } from '../../../core/clock.ts'
import { dial } from './dial.ts'
import { failureOf } from './failure.ts'
import type { Network } from './network.ts'
import { type ServerPlace, placeOf } from './place.ts'
import { ProxyError } from './proxy/proxy-error.ts'
import type { Proxies, Proxy } from './proxy/proxy.ts'
import { openTunnel } from './proxy/tunnel.ts'
import { TlsClient } from './tls/tls-client.ts'

/** How long the phases of a connection took. */
export interface ConnectionTimes {
  /** From asking for the connection until it was ready: all phases. */
  tookMs: number
  /** From the connection to the server, or the tunnel through a proxy, to the end of the TLS handshake; undefined without TLS. */
  handshakeMs: number | undefined
}

/** Called once, never before `connect` has returned: with a socket that is ready for HTTP, or with the reason why there is none. */
export type Connected = (
  ...result: [error: null, socket: Socket, times: ConnectionTimes] | [error: Error, socket: null]
) => void

export interface ConnectorOptions {
  clock: Clock
  /** Limit of all phases together; default 10 s. */
  withinMs?: number | undefined
  network?: Network | undefined
  /** Host of the target: the server name of the TLS settings is only for it. Default: for every host. */
  targetHost?: string | undefined
  /** Protocols that are offered over TLS, unless a connection offers others; default HTTP/1.1. */
  protocols?: readonly string[] | undefined
}

export interface ConnectingOptions {
  onread?: OnReadOpts | undefined
  protocols?: readonly string[] | undefined
}

const ONLY_HTTP: readonly string[] = ['http/1.1']

/** The same as undici's own limit. */
const CONNECTED_WITHIN_MS = 10_000

/** Opens connections to origins: finds the address that answers, asks a proxy for a tunnel, and performs the TLS handshake. */
export class Connector {
  readonly #clock: Clock
  readonly #withinMs: number
  readonly #tls: TlsClient
  readonly #proxies: Proxies | undefined
  readonly #protocols: readonly string[]
  /** A run connects to few origins. */
  readonly #places = new Map<string, ServerPlace>()

  constructor({ clock, withinMs = CONNECTED_WITHIN_MS, network, targetHost, protocols = ONLY_HTTP }: ConnectorOptions) {
    this.#protocols = protocols
    this.#clock = clock
    this.#withinMs = withinMs
    this.#tls = new TlsClient(network?.tls, targetHost)
    this.#proxies = network?.proxies
  }

  get hasProxies(): boolean {
    return this.#proxies !== undefined
  }

  /**
   * Opens a connection. One to a proxy that forwards requests is a connection to an `http:` origin, too: see `forwarderOf`.
   * @param origin as in `URL.origin`: `http:` or `https:`; `ws:` or `wss:` for a WebSocket, which a proxy cannot forward.
   * @param options `onread` is where the socket reads to, if it is bare; `protocols` are those that are offered over TLS (ALPN).
   */
  connect(origin: string, done: Connected, { onread, protocols }: ConnectingOptions = {}): void {
    const place = this.#placeOf(origin)
    const proxy = this.#proxies?.find(place.host, place.port, place.isSecure)
    const opening = new Opening(this.#clock, this.#withinMs, done, protocols ?? this.#protocols)
    if (proxy === undefined) opening.dial(place, raw => this.#secure(opening, raw, place), onread)
    else this.#connectThrough(proxy, place, opening)
  }

  /** Tells whether the socket to an origin is that of the server itself, without TLS or a proxy. */
  isBare(origin: string): boolean {
    const { host, port, isSecure } = this.#placeOf(origin)
    return !isSecure && this.#proxies?.find(host, port, isSecure) === undefined
  }

  /** Returns the proxy that requests to an origin are sent to, with their whole URL; undefined if the origin itself gets them. */
  forwarderOf(origin: string): Proxy | undefined {
    const { host, port, isSecure, needsTunnel } = this.#placeOf(origin)
    return needsTunnel ? undefined : this.#proxies?.find(host, port, isSecure)
  }

  #connectThrough(proxy: Proxy, place: ServerPlace, opening: Opening): void {
    const connected = (socket: Socket): void => {
      if (place.needsTunnel) opening.tunnel(socket, proxy, place, () => this.#secure(opening, socket, place))
      else opening.end(socket)
    }
    opening.dial(proxy, raw => {
      if (proxy.isSecure) opening.secure(this.#tls, raw, proxy, connected)
      else connected(raw)
    })
  }

  #secure(opening: Opening, raw: Socket, place: ServerPlace): void {
    if (place.isSecure) opening.secure(this.#tls, raw, place, socket => opening.end(socket))
    else opening.end(raw)
  }

  #placeOf(origin: string): ServerPlace {
    let place = this.#places.get(origin)
    if (place === undefined) this.#places.set(origin, (place = placeOf(origin)))
    return place
  }
}

/** One connection that is being opened, phase by phase. A phase that fails ends it. */
class Opening {
  readonly #clock: Clock
  readonly #withinMs: number
  readonly #done: Connected
  readonly #protocols: readonly string[]
  readonly #askedAt: number
  #handshakeMs: number | undefined

  constructor(clock: Clock, withinMs: number, done: Connected, protocols: readonly string[]) {
    this.#protocols = protocols
    this.#clock = clock
    this.#withinMs = withinMs
    this.#done = done
    this.#askedAt = clock.now()
  }

  dial(to: ServerPlace | Proxy, next: (socket: Socket) => void, onread?: OnReadOpts): void {
    const { host, port } = to
    dial({ clock: this.#clock, host, port, timeoutMs: this.#withinMs, onread }, (error, socket) => {
      if (error === null) next(socket)
      else this.#done(isProxy(to) ? proxyError(to, error) : error, null)
    })
  }

  tunnel(socket: Socket, proxy: Proxy, { host, port }: ServerPlace, next: () => void): void {
    openTunnel(socket, { proxy, host, port, timeoutMs: this.#leftMs }, error => {
      if (error === null) next()
      else this.#done(error, null)
    })
  }

  secure(tls: TlsClient, raw: Socket, to: ServerPlace | Proxy, next: (socket: Socket) => void): void {
    const { host, port } = to
    const since = this.#clock.now()
    const isForProxy = isProxy(to)
    const protocols = isForProxy ? ONLY_HTTP : this.#protocols
    tls.secure(raw, { host, port, timeoutMs: this.#leftMs, isProxy: isForProxy, protocols }, (error, socket) => {
      if (error !== null) return this.#done(isForProxy ? proxyError(to, error) : error, null)
      if (!isForProxy) this.#handshakeMs = this.#clock.now() - since
      next(socket)
    })
  }

  end(socket: Socket): void {
    this.#done(null, socket, { tookMs: this.#clock.now() - this.#askedAt, handshakeMs: this.#handshakeMs })
  }

  get #leftMs(): number {
    return this.#withinMs - (this.#clock.now() - this.#askedAt)
  }
}

function isProxy(to: ServerPlace | Proxy): to is Proxy {
  return 'shown' in to
}

/** Returns the error of a proxy that cannot be reached. A limit of this machine stays one. */
function proxyError({ shown }: Proxy, error: Error): Error {
  const { reason, example } = failureOf(error)
  return reason === 'exhausted' ? error : new ProxyError(`the proxy ${shown} cannot be reached: ${example}`)
}
