import type { Server } from 'socket.io'
import type { EngineConnection } from './engine.ts'
import type { DecodedPacket, PacketDecoder, SocketioSession } from './session.ts'

/** The library’s decoder, as far as it is used here. */
interface LibraryDecoder {
  decodeString(text: string): DecodedPacket
  emitReserved(event: 'decoded', packet: DecodedPacket): void
  destroy(): void
}

type LibraryParser = { Encoder: new () => object; Decoder: new () => LibraryDecoder }

/** Lets the sessions of the gateway read packets in place of the library, which gets those that it has to handle. */
export function readPackets(
  server: Server,
  sessionOf: (connection: EngineConnection) => SocketioSession | undefined,
): {
  /** Called with each session that the library is about to open. */
  opening(connection: EngineConnection): void
} {
  const holder = server as unknown as { _parser: LibraryParser }
  const library = holder._parser
  let opened: EngineConnection | undefined
  class GatewayDecoder extends library.Decoder implements PacketDecoder {
    readonly #connection = opened as EngineConnection

    add(data: string | Buffer): void {
      sessionOf(this.#connection)?.onMessage(data, this)
    }

    pass(packet: DecodedPacket): void {
      this.emitReserved('decoded', packet)
    }
  }
  holder._parser = { ...library, Encoder: library.Encoder, Decoder: GatewayDecoder }
  return { opening: connection => (opened = connection) }
}
