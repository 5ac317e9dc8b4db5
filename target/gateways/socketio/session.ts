import type { Socket as LibrarySocket } from 'socket.io'
import type { CloseReason } from '../../../contract/streams.ts'
import type { KnownCloseCode } from '../../../contract/sockets/close-codes.ts'
import { acknowledgement } from '../../connections/frame.ts'
import { SocketFrame } from '../../connections/socket-wire.ts'
import { SocketRefusal } from '../../protocols/refusal.ts'
import type { Peer } from '../../sockets/endpoint.ts'
import type { EngineConnection } from './engine.ts'
import { EngineSocket } from './engine-socket.ts'
import type { NamespaceMember } from './member.ts'
import type { PolledSocket } from './polled-socket.ts'

/** A packet of Socket.IO as the library decodes it. */
export interface DecodedPacket {
  type: number
  nsp: string
  id?: number
  data?: unknown
}

/** The library’s reader of packets. */
export interface PacketDecoder {
  /** @throws Error for text that is no packet */
  decodeString(text: string): DecodedPacket
  /** Passes a packet to the library. */
  pass(packet: DecodedPacket): void
}

const EVENT = 2
const ENDINGS: Readonly<Record<string, CloseReason>> = { 'ping timeout': 'silent', 'transport close': 'client' }

/** One session of Engine.IO and what its client does in the namespaces. */
export class SocketioSession {
  readonly peer: Peer
  /** The WebSocket that the library sees; undefined for a session that began with polls. */
  readonly socket: EngineSocket | undefined
  readonly #polled: PolledSocket | undefined
  readonly #members = new Map<string, NamespaceMember>()
  #connection: EngineConnection | undefined
  #decoder: PacketDecoder | undefined
  #refusal: SocketRefusal | undefined
  /** Whether the library has to end the session. */
  #isBroken = false
  #hasConnected = false

  constructor(peer: Peer, polled: PolledSocket | undefined) {
    this.peer = peer
    this.#polled = polled
    this.socket = polled === undefined ? new EngineSocket(peer) : undefined
  }

  /** Called once the library has opened its session. */
  attach(connection: EngineConnection): void {
    this.#connection = connection
    const sendPacket = connection.sendPacket.bind(connection)
    // What the library sends in the namespaces goes the way of everything else.
    const write: EngineConnection['write'] = data => {
      this.peer.connection.enqueue(new SocketFrame(`4${data}`, acknowledgement()))
    }
    const sendUnlessMuted: EngineConnection['sendPacket'] = (type, ...rest) => {
      if (type !== 'ping' || !this.peer.connection.isMuted) return sendPacket(type, ...rest)
      // A client cannot answer a ping that is left out.
      queueMicrotask(() => expectNoPong(connection))
    }
    connection.write = write
    connection.sendPacket = sendUnlessMuted
    connection.on('close', (reason: string) => this.#endedByLibrary(reason))
    this.socket?.start()
  }

  /** Reads a message of the client that the library passes on. @throws Error if the session cannot go on */
  onMessage(data: string | Buffer, decoder: PacketDecoder): void {
    this.#decoder = decoder
    if (this.#polled === undefined) this.#read(data)
    else this.#polled.emit('message', typeof data === 'string' ? Buffer.from(data) : data, typeof data !== 'string')
    if (this.#isBroken) throw new Error('the message is no packet that is served')
  }

  /** Receives a frame of a WebSocket, or a message of a poll. @throws SocketRefusal once it has been answered */
  receive(bytes: Buffer, isBinary: boolean): void {
    if (this.socket === undefined) this.#read(isBinary ? bytes : bytes.toString())
    else this.socket.receive(bytes, isBinary)
    const refusal = this.#refusal
    this.#refusal = undefined
    if (refusal !== undefined) throw refusal
  }

  join(name: string, member: NamespaceMember): void {
    this.#hasConnected = true
    this.#members.set(name, member)
  }

  leave(name: string): void {
    this.#members.get(name)?.end()
    this.#members.delete(name)
  }

  /** Called when the connection of the target has ended. */
  end(): void {
    this.socket?.emit('close')
    this.#connection?.close()
    this.#polled?.pipe.destroy()
  }

  #read(data: string | Buffer): void {
    try {
      this.#serve(data)
    } catch (error) {
      if (!(error instanceof SocketRefusal)) throw error
      this.#refusal = error
    }
  }

  /** @throws SocketRefusal once it has been answered */
  #serve(data: string | Buffer): void {
    const decoder = this.#decoder as PacketDecoder
    // Binary arguments would be kept until all of them have come, and nothing here takes them.
    if (typeof data !== 'string') throw this.#broken('expected a packet of text, got a binary one')
    if (/^[56]/.test(data)) throw this.#broken('expected an event without binary arguments')
    let packet: DecodedPacket
    try {
      packet = decoder.decodeString(data)
    } catch (error) {
      throw this.#broken((error as Error).message)
    }
    const member = packet.type === EVENT ? this.#members.get(packet.nsp) : undefined
    if (member === undefined) return decoder.pass(packet)
    const [name] = packet.data as unknown[]
    const text = data.slice(/^2(?:\/[^,]*,)?\d*/.exec(data)?.[0].length)
    member.serve({ name, text, id: packet.id })
  }

  #broken(detail: string): SocketRefusal {
    this.#isBroken = true
    return new SocketRefusal('malformed_frame', detail, true)
  }

  #endedByLibrary(reason: string): void {
    const ending = ENDINGS[reason] ?? 'protocol'
    this.peer.connection.close(ending, wire => wire.end(ending, this.#closeCode(ending)))
    this.#polled?.pipe.destroy()
  }

  #closeCode(ending: CloseReason): KnownCloseCode {
    if (ending === 'silent') return 1008
    if (this.#isBroken) return 4400
    return this.#hasConnected ? 1000 : 4408
  }
}

function expectNoPong(connection: EngineConnection): void {
  if (connection.pingTimeoutTimer !== null) clearTimeout(connection.pingTimeoutTimer)
  connection.pingTimeoutTimer = null
  if (connection.readyState === 'open') connection.pingIntervalTimer?.refresh()
}

/** Returns the session that a socket of the library belongs to. */
export function engineOf(socket: LibrarySocket): EngineConnection {
  return socket.conn as unknown as EngineConnection
}
