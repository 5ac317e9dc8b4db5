import dns, { type LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Configuration } from './configuration/configuration.ts'
import { SOCKET_BYTES } from './http/server.ts'

/** Thrown when the target cannot start listening. The message says why and what to do next. */
export class ListenError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ListenError'
  }
}

/** Names the setting that a port comes from. */
export type PortSetting = 'http.port' | 'control.port'

/** An application that listens on every address of its host. */
export interface Listening {
  /** The URL under which the target is reached from this machine. */
  readonly url: string
  /** Accepts no new connections. Resolves when the connections accepted on further addresses have ended. */
  close(): Promise<void>
}

/** Where a target is reached. */
export interface TargetUrls {
  readonly url: string
  /** URL of the control plane: equal to `url` unless the control plane has a port of its own. */
  readonly controlUrl: string
  /** Absent without TLS. */
  readonly tls?: {
    /** SHA-256 of the target's certificate. */
    readonly fingerprint: string
    /** Certificate that clients need to trust (PEM). */
    readonly trusted: string
  }
}

const another = { 'http.port': '--port 0 picks a free one', 'control.port': '--set control.port=…' }
const unprivileged = { 'http.port': '--port 8080', 'control.port': '--set control.port=9090' }
/** Number of attempts to find a port that is free on every address. */
const FREE_PORT_ATTEMPTS = 10
/** Error codes for an address, or a family of addresses, that this machine does not have. */
const UNAVAILABLE = ['EADDRNOTAVAIL', 'EAFNOSUPPORT']

/**
 * Listens on every address of the configured host, on the same port. A name such as `localhost` may have an IPv4 and an IPv6
 * address; those that this machine lacks are left out.
 * @throws ListenError
 */
export async function listen(
  app: FastifyInstance,
  { host, port, isSecure }: Pick<Configuration['http'], 'host' | 'port'> & { isSecure: boolean },
  setting: PortSetting,
): Promise<Listening> {
  try {
    const further = await bindAll(app, await addressesOf(host), port, FREE_PORT_ATTEMPTS)
    return { url: urlOf(host, portOf(app.server), isSecure), close: () => closeAll(further) }
  } catch (error) {
    throw new ListenError(explain(error as NodeJS.ErrnoException, { host, port, setting }), { cause: error })
  }
}

/**
 * Opens the application's own server on the first address, and a plain one on each further address. The plain ones hand their
 * connections to the application's server, so every connection is served by one server with one configuration.
 * @returns the plain servers
 */
async function bindAll(
  app: FastifyInstance,
  addresses: readonly string[],
  port: number,
  attempts: number,
): Promise<Server[]> {
  const [first, ...others] = addresses
  const further: Server[] = []
  // The framework opens its server only once, so the others find out first which port is free.
  const shared = () => (further[0] === undefined ? port : portOf(further[0]))
  try {
    for (const address of others) {
      const server = await bindFurther(app, address, shared()).catch(unlessUnavailable)
      if (server !== undefined) further.push(server)
    }
    await app.listen({ host: first!, port: shared() })
    return further
  } catch (error) {
    await closeAll(further)
    if (isOneOf(error, UNAVAILABLE) && others.length > 0) return bindAll(app, others, port, attempts)
    if (port === 0 && isOneOf(error, ['EADDRINUSE']) && attempts > 1) return bindAll(app, addresses, port, attempts - 1)
    throw error
  }
}

async function bindFurther(app: FastifyInstance, host: string, port: number): Promise<Server> {
  // The same options as those of Node's HTTP server.
  const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: SOCKET_BYTES }, socket => {
    if (app.server.listening) app.server.emit('connection', socket)
    else socket.destroy()
  })
  server.listen({ host, port })
  await once(server, 'listening')
  return server
}

/** Returns the addresses of a host without repetitions, in the order of the system's resolver. */
async function addressesOf(host: string): Promise<string[]> {
  // In URLs, an IPv6 address stands in brackets.
  const name = host.replace(/^\[(.*)\]$/, '$1')
  const found = await new Promise<LookupAddress[]>((resolve, reject) =>
    dns.lookup(name, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  )
  return [...new Set(found.map(({ address }) => address))]
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function unlessUnavailable(error: unknown): undefined {
  if (!isOneOf(error, UNAVAILABLE)) throw error
}

function isOneOf(error: unknown, codes: readonly (string | undefined)[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code)
}

export function urlOf(host: string, port: number, isSecure: boolean): string {
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const name = isEverywhere ? 'localhost' : host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return `${isSecure ? 'https' : 'http'}://${name}:${port}`
}

function explain(
  { code, message }: NodeJS.ErrnoException,
  { host, port, setting }: { host: string; port: number; setting: PortSetting },
): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} of ${host} is in use by another program: stop it, or choose another port (${another[setting]})`
    case 'EACCES':
      return `port ${port} may not be opened by this user: choose one from 1024 up (${unprivileged[setting]})`
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return `this machine has no address ${host}: choose one it has (--host 127.0.0.1, or 0.0.0.0 for all)`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name ${host} does not resolve: give an address (--host 127.0.0.1)`
    case undefined:
    default:
      return `the target cannot listen on ${host}:${port}: ${message}`
  }
}
