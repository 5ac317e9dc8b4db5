import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { ClientRefusals } from './client-refusal.ts'
import { contexts } from './contexts.ts'
import { Sessions } from './sessions.ts'
import { handshakeError, lateHandshake } from './tls-errors.ts'
import type { TlsSettings } from './tls-settings.ts'

/** A server, as its URL names it. */
interface Server {
  /** A name or an address; IPv6 without brackets. */
  host: string
  port: number
  /** Limit of the handshake. */
  timeoutMs: number
  /** Whether it is a proxy: that one is always checked, and learns nothing of the client. */
  isProxy: boolean
  /** Protocols that are offered (ALPN). */
  protocols: readonly string[]
}

type Secured = (...result: [error: null, socket: TLSSocket] | [error: Error, socket: null]) => void

/** Settings without any of their own. */
const NODE_ALONE: TlsSettings = {}

/** Performs the handshakes of one run. */
export class TlsClient {
  readonly #settings: TlsSettings
  readonly #targetHost: string | undefined
  readonly #sessions = new Sessions()
  readonly #refusals = new ClientRefusals()

  /** @param targetHost host that the server name of the settings is for; default: all. */
  constructor(settings: TlsSettings = NODE_ALONE, targetHost?: string) {
    this.#settings = settings
    this.#targetHost = targetHost?.replaceAll(/[[\]]/g, '')
  }

  /** Performs a handshake over a connection to a server. A socket without a handshake is closed. */
  secure(raw: Socket, { host, port, timeoutMs, isProxy, protocols }: Server, done: Secured): void {
    const { serverName, insecure = false } = this.#settings
    const isTarget = !isProxy && (this.#targetHost === undefined || this.#targetHost === host)
    const name = (isTarget ? serverName : undefined) ?? host
    const place = `${host}:${port}`
    const key = `${name} ${place}`
    let isSettled = false
    const socket = connect({
      socket: raw,
      host: name,
      // An address is no name of a server (RFC 6066 §3).
      servername: isIP(name) === 0 ? name : '',
      secureContext: isProxy ? contexts.forProxies(this.#settings) : contexts.forTargets(this.#settings),
      session: this.#sessions.take(key),
      rejectUnauthorized: isProxy || !insecure,
      ALPNProtocols: [...protocols],
    })
    const settle: Secured = (...result) => {
      if (isSettled) return
      isSettled = true
      clearTimeout(limit)
      if (result[0] !== null) socket.destroy()
      done(...result)
    }
    // It stays for errors before the caller listens: a server may refuse the client's certificate after the handshake.
    socket.on('error', error => settle(handshakeError(error, { place, name }), null))
    socket.once('secureConnect', () => {
      this.#refusals.watch(socket, key, place)
      settle(null, socket)
    })
    this.#keepSession(socket, key)
    const limit = setTimeout(() => settle(lateHandshake(place), null), timeoutMs)
  }

  #keepSession(socket: TLSSocket, key: string): void {
    let newest: Buffer | undefined
    socket.on('session', session => (newest = session))
    socket.once('close', () => {
      if (newest !== undefined) this.#sessions.give(key, newest)
    })
  }
}
