import type { EventEmitter } from 'node:events'
import type { PolledRequest, PolledResponse } from './poll-message.ts'

/** The parts of the library’s server of Engine.IO that the gateway uses. */
export interface EngineServer extends EventEmitter {
  handleRequest(request: PolledRequest, response: PolledResponse): void
  onWebSocket(request: PolledRequest, socket: unknown, webSocket: unknown): void
  verify(request: PolledRequest, isUpgrade: boolean, done: (code?: number, context?: { name?: string }) => void): void
  readonly clients: Readonly<Record<string, EngineConnection>>
}

/** The carrier of a session: polls or a WebSocket. */
export interface EngineTransport extends EventEmitter {
  readonly name: string
  /** Whether it takes packets now. */
  readonly writable: boolean
  send(packets: { type: string; data: string; options: object }[]): void
}

/** One session of Engine.IO. */
export interface EngineConnection extends EventEmitter {
  readonly id: string
  readonly request: PolledRequest
  readonly readyState: 'opening' | 'open' | 'closing' | 'closed'
  readonly transport: EngineTransport
  readonly upgrading: boolean
  /** Waits for the answer to a ping. */
  pingTimeoutTimer: NodeJS.Timeout | null
  /** Waits for the next ping. */
  readonly pingIntervalTimer: NodeJS.Timeout | null
  /** Sends a message that it encodes. */
  send(data: string, options?: object, onSent?: () => void): void
  write(data: string, options?: object, onSent?: () => void): void
  sendPacket(type: string, data?: string, options?: object, onSent?: () => void): void
  close(discard?: boolean): void
}

/** Messages of the library for its codes of refused requests. */
export const engineRefusals: Readonly<Record<number, string>> = {
  0: 'Transport unknown',
  1: 'Session ID unknown',
  2: 'Bad handshake method',
  3: 'Bad request',
  4: 'Forbidden',
  5: 'Unsupported protocol version',
}
