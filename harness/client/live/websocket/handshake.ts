import type { createConnection, Socket } from 'node:net'
import { type ExchangeFailure, failureOf } from '../../engine/failure.ts'
import type { WsDependencies } from '../dependencies.ts'

/** Returns a `createConnection` for `http.request`, which may report its socket later. */
export function connectionTo(origin: string, { connector, onConnected }: WsDependencies): typeof createConnection {
  const create = (_options: unknown, created: (error: Error | null, socket?: Socket) => void): void => {
    connector.connect(origin, (...result) => {
      if (result[0] !== null) return created(result[0])
      onConnected?.(result[2])
      created(null, result[1])
    })
  }
  return create as unknown as typeof createConnection
}

/** Returns the failure of a 101 without an upgrade to WebSocket, or of a status without meaning. */
export function noUpgrade(status: number): ExchangeFailure {
  return { reason: 'protocol', example: `expected a handshake, got status ${status} without Upgrade: websocket` }
}

/** Returns the failure for an error of the socket. An invalid handshake fails with an error without a code. */
export function failureOfSocket(error: Error): ExchangeFailure {
  const failure = failureOf(error)
  return failure.reason === 'other' ? { ...failure, reason: 'protocol' } : failure
}
