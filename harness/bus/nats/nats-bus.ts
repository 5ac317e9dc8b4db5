import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { NatsConnection } from '@nats-io/transport-node'
import type { BusMessage, MessageBus } from '../message-bus.ts'
import { ClusterUnavailable } from '../message-bus.ts'
import { connectingFailure } from './nats-failures.ts'
import type { NatsPackages } from './nats-packages.ts'
import type { NatsSettings } from './nats-settings.ts'

/** Longest time for a handshake with a server. */
const CONNECTED_WITHIN_MS = 5000
/** A connection that answers none of two pings is cut, and opened again. */
const PING_EVERY_MS = 2000
const RECONNECT_EVERY_MS = 250
/** Larger messages would delay others behind them. */
const MOST_BYTES = 256 * 1024
const PERMITTED_WITHIN_MS = 2000

/** A bus over NATS. It reconnects by itself for as long as it is open. */
export class NatsBus implements MessageBus {
  readonly place: string
  readonly connection: NatsConnection
  readonly packages: NatsPackages
  readonly #healed = new Set<() => void>()
  /** The last refusal of the server, in words. */
  #refused: string | undefined
  #isCut = false
  readonly #tell: (note: string) => void

  private constructor(
    connection: NatsConnection,
    packages: NatsPackages,
    { place, tell }: { place: string; tell: (note: string) => void },
  ) {
    this.connection = connection
    this.packages = packages
    this.place = place
    this.#tell = tell
    void this.#watch()
  }

  /** @param tell tells the user something, in a sentence. @throws ClusterUnavailable */
  static async connect(
    settings: NatsSettings,
    packages: NatsPackages,
    { name, tell }: { name: string; tell: (note: string) => void },
  ): Promise<NatsBus> {
    try {
      const connection = await packages.connect({
        servers: settings.servers,
        name,
        timeout: CONNECTED_WITHIN_MS,
        pingInterval: PING_EVERY_MS,
        maxPingOut: 2,
        maxReconnectAttempts: -1,
        reconnectTimeWait: RECONNECT_EVERY_MS,
        // A server that starts again may refuse everybody for a moment.
        ignoreAuthErrorAbort: true,
        ...loginOptions(settings, packages),
        ...(settings.tls !== undefined && { tls: { ...settings.tls, ...identityOf(settings) } }),
      })
      return new NatsBus(connection, packages, { place: settings.place, tell })
    } catch (error) {
      throw connectingFailure(error as Error, settings, packages)
    }
  }

  get mostBytes(): number {
    return Math.min(MOST_BYTES, this.connection.info?.max_payload ?? MOST_BYTES)
  }

  publish(subject: string, bytes: Uint8Array): void {
    // What NATS would keep for a connection that is cut is sent again anyway.
    if (this.#isCut || this.connection.isClosed() || this.connection.isDraining()) return
    this.connection.publish(subject, bytes)
  }

  listen(subject: string, receiver: (message: BusMessage) => void): () => void {
    const subscription = this.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) receiver({ bytes: message.data, answer: bytes => this.#answer(message.reply, bytes) })
      },
    })
    return () => {
      if (!this.connection.isClosed()) subscription.unsubscribe()
    }
  }

  async request(subject: string, bytes: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
    if (this.#isCut || this.connection.isClosed()) return undefined
    try {
      return (await this.connection.request(subject, bytes, { timeout: timeoutMs })).data
    } catch {
      return undefined
    }
  }

  onHealed(listener: () => void): () => void {
    this.#healed.add(listener)
    return () => void this.#healed.delete(listener)
  }

  /** Makes sure that messages of these subjects come and go. @throws ClusterUnavailable */
  async expectPermission(prefix: string): Promise<void> {
    const subject = `${prefix}.check.${this.packages.nuid.next()}`
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const end = this.listen(subject, () => resolve(true))
    this.publish(subject, new Uint8Array())
    const timer = setTimeout(() => resolve(false), PERMITTED_WITHIN_MS)
    const works = await promise
    clearTimeout(timer)
    end()
    if (works) return
    throw new ClusterUnavailable(
      `NATS at ${this.place} does not permit what a cluster needs: ${this.#refused ?? `a message to ${subject} does not come back`}`,
      `Permit these credentials to publish and subscribe to ${prefix}.> and _INBOX.>; docs/scaling.md#security has all permissions.`,
    )
  }

  /** Sends what is left, and disconnects. Never rejects. */
  async close(): Promise<void> {
    if (this.connection.isClosed()) return
    // A connection that is cut could not be drained.
    const ending = this.#isCut ? this.connection.close() : this.connection.drain()
    const timer = setTimeout(() => void this.connection.close(), PERMITTED_WITHIN_MS)
    await ending.catch(() => this.connection.close())
    clearTimeout(timer)
  }

  #answer(reply: string | undefined, bytes: Uint8Array): void {
    if (reply !== undefined && reply !== '') this.publish(reply, bytes)
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') {
        this.#isCut = true
        if (!this.connection.isClosed()) this.#tell(`the connection to NATS at ${this.place} is cut; trying again`)
      } else if (status.type === 'reconnect') {
        this.#isCut = false
        this.#tell(`the connection to NATS at ${this.place} is open again`)
        for (const listener of this.#healed) listener()
      } else if (status.type === 'error') {
        this.#noteRefusal(status.error)
      }
    }
  }

  #noteRefusal(error: Error): void {
    if (!(error instanceof this.packages.errors.PermissionViolationError)) return
    const refused = `it refuses to ${error.operation === 'publish' ? 'publish' : 'subscribe'} to ${error.subject}`
    if (this.#refused === undefined) this.#tell(`NATS at ${this.place} lacks a permission: ${refused}`)
    this.#refused = refused
  }
}

/** The package asks for `localhost` where the address of a server is a number. */
function identityOf({ servers }: NatsSettings) {
  const hosts = servers.map(server => URL.parse(`nats://${server}`)!.hostname.replaceAll(/[[\]]/g, ''))
  return {
    checkServerIdentity(host: string, certificate: PeerCertificate): Error | undefined {
      const isGiven = hosts.some(each => checkServerIdentity(each, certificate) === undefined)
      return isGiven ? undefined : checkServerIdentity(host, certificate)
    },
  }
}

function loginOptions({ login }: NatsSettings, { credsAuthenticator, nkeyAuthenticator }: NatsPackages) {
  switch (login.by) {
    case 'nothing':
      return {}
    case 'password':
      return { user: login.user, pass: login.pass }
    case 'token':
      return { token: login.token }
    case 'credentials file':
      return { authenticator: credsAuthenticator(Buffer.from(login.text)) }
    case 'nkey':
      return { authenticator: nkeyAuthenticator(Buffer.from(login.text)) }
  }
}
