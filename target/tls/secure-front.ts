import type { Server, Socket } from 'node:net'
import { createServer, type Server as TlsServer, type TlsOptions, type TLSSocket } from 'node:tls'
import { parseDuration } from '../../core/duration.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { CONTROL_ALPN } from '../../contract/headers.ts'
import { carriedBy } from '../connections/carrier.ts'
import type { HandshakeFaults } from '../faults/handshake/handshake-faults.ts'
import type { MemoryBudget, MemoryTable } from '../memory/budget.ts'
import type { CertificateFlaw, CertifiedKey } from './certificate-maker.ts'
import type { TlsIdentity } from './identity.ts'

/** Estimate for the TLS of an open connection, beside the connection itself; measured and rounded up. */
const TLS_BYTES = 57_344
/** Node's own default, where `http.requestTimeout` has no limit. */
const HANDSHAKE_WITHIN_MS = 120_000

export interface SecureFrontOptions {
  identity: TlsIdentity
  configuration: Pick<Configuration, 'tls' | 'http' | 'http2'>
  memory: MemoryBudget
  faults: HandshakeFaults
  /** Most bytes that a socket holds for its client. */
  socketBytes: number
}

/** Takes a connection after its handshake. */
export type TakeSecured = (socket: TLSSocket) => void

export interface GuardOptions {
  /** Takes the connections that chose HTTP/2; without it, none can. */
  http2?: TakeSecured | undefined
  /** Whether faults may affect its handshakes. */
  isFaulted: boolean
}

/** The TLS of all listeners: takes connections from them and gives them back after the handshake, with the protocol that was chosen. */
export class SecureFront {
  /** Handshakes that ended well, and badly: the client left, offered nothing that fits, refused, or sent no TLS. */
  readonly handshakes = { completed: 0, failed: 0 }
  readonly #options: SecureFrontOptions
  readonly #memory: MemoryTable
  readonly #servers = new Map<CertificateFlaw | undefined, TlsServer>()
  /** The function that takes each connection, until its handshake is over. */
  readonly #pending = new Map<Socket, TakeSecured>()
  readonly #withinMs: number

  constructor(options: SecureFrontOptions) {
    this.#options = options
    this.#memory = options.memory.table('tls')
    this.#withinMs = parseDuration(options.configuration.http.requestTimeout) || HANDSHAKE_WITHIN_MS
    this.#servers.set(undefined, this.#createServer(options.identity.certified))
  }

  /** Puts itself before a server: its connections reach it secured, unless they chose HTTP/2. */
  guard(server: Server, { http2, isFaulted }: GuardOptions): void {
    const emit = server.emit.bind(server)
    const take: TakeSecured = socket => {
      if (socket.alpnProtocol === 'h2' && http2 !== undefined) http2(socket)
      else emit('connection', socket)
    }
    const emitSecured = (event: string, ...args: unknown[]) => {
      if (event !== 'connection') return emit(event, ...args)
      this.#accept(args[0] as Socket, take, isFaulted)
      return true
    }
    server.emit = emitSecured
  }

  /** Cuts connections whose handshake is not over. */
  cut(): void {
    for (const raw of this.#pending.keys()) raw.destroy()
  }

  #accept(raw: Socket, take: TakeSecured, isFaulted: boolean): void {
    const { memory, faults } = this.#options
    if (memory.isSpent && this.#memory.bytes > 0.5 * memory.limitBytes) {
      memory.refused += 1
      raw.destroy()
      return
    }
    this.#memory.charge(TLS_BYTES)
    this.#pending.set(raw, take)
    raw.once('close', () => {
      this.#memory.release(TLS_BYTES)
      this.#pending.delete(raw)
    })
    // So that a client which leaves in the middle of its handshake is gone at both ends.
    raw.allowHalfOpen = false
    if (isFaulted && faults.on) void this.#acceptFaulted(raw)
    else this.#servers.get(undefined)!.emit('connection', raw)
  }

  /** Reads what the client offers before a fault acts, because the control plane is never affected. */
  async #acceptFaulted(raw: Socket): Promise<void> {
    const left = new AbortController()
    const leave = () => left.abort()
    raw.on('error', ignore)
    raw.once('close', leave)
    const isControl = await offersControl(raw, this.#withinMs)
    let server = this.#servers.get(undefined)!
    if (!isControl && !raw.destroyed) {
      const { flaw, wait } = this.#options.faults.decide()
      server = await this.#serverWith(flaw)
      await wait(left.signal)
    }
    raw.off('close', leave)
    raw.off('error', ignore)
    if (!raw.destroyed) server.emit('connection', raw)
  }

  async #serverWith(flaw: CertificateFlaw | undefined): Promise<TlsServer> {
    const known = this.#servers.get(flaw)
    if (known !== undefined) return known
    const maker = await this.#options.identity.maker()
    const server = this.#servers.get(flaw) ?? this.#createServer(await maker.make(flaw))
    this.#servers.set(flaw, server)
    return server
  }

  #createServer({ cert, key }: CertifiedKey): TlsServer {
    const { identity, configuration, socketBytes } = this.#options
    const { tls, http2 } = configuration
    const options: TlsOptions = {
      cert,
      key,
      ALPNProtocols: http2.enabled ? ['h2', 'http/1.1'] : ['http/1.1'],
      handshakeTimeout: this.#withinMs,
      requestCert: tls.clientCertificates !== 'none',
      rejectUnauthorized: tls.clientCertificates === 'required',
      ...(identity.clientAuthorities !== undefined && { ca: identity.clientAuthorities }),
    }
    const server = createServer(options)
    server.on('secureConnection', socket => {
      this.handshakes.completed += 1
      limitBuffer(socket, socketBytes)
      // Node keeps the connection below in a private field, and gives it to nobody.
      const raw = (socket as unknown as { _parent: Socket })._parent
      carriedBy(socket, raw)
      raw.allowHalfOpen = true
      socket.allowHalfOpen = true
      const take = this.#pending.get(raw)
      this.#pending.delete(raw)
      take?.(socket)
    })
    server.on('tlsClientError', (_error, socket) => {
      this.handshakes.failed += 1
      socket.destroy()
    })
    return server
  }
}

/** Node gives every TLS socket the same large buffer. */
function limitBuffer(socket: TLSSocket, bytes: number): void {
  const { _writableState: state } = socket as unknown as { _writableState: { highWaterMark: number } }
  state.highWaterMark = bytes
}

/** Reads the first bytes of a connection without taking them away. A client that sends none in time is cut. */
async function offersControl(raw: Socket, withinMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cut = () => raw.destroy()
  raw.setTimeout(withinMs, cut)
  raw.once('readable', resolve)
  raw.once('close', resolve)
  await promise
  raw.off('readable', resolve)
  raw.off('close', resolve)
  raw.off('timeout', cut)
  raw.setTimeout(0)
  const bytes = raw.read() as Buffer | null
  if (bytes === null) return false
  raw.unshift(bytes)
  return bytes.includes(CONTROL_ALPN)
}

function ignore(): void {}
