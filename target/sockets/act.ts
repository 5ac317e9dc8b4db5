import type { TObject } from 'typebox'
import { describe } from '../../core/check.ts'
import { type Clock, preciseWallTime } from '../../core/clock.ts'
import { areOfNames } from '../../contract/name.ts'
import type { Frame } from '../connections/frame.ts'
import { SocketRefusal } from '../protocols/refusal.ts'
import type { SocketMessage } from '../protocols/socket-protocol.ts'
import type { Endpoint, EndpointSession } from './endpoint.ts'

export interface Served {
  endpoint: Endpoint
  session: EndpointSession<Record<string, TObject>>
  clock: Clock
  /** Sends the answer to a ping. */
  onPong: (frame: Frame) => void
}

/** Serves one message of a client. @throws SocketRefusal */
export function act({ action, body, sent }: SocketMessage, { endpoint, session, clock, onPong }: Served): void {
  const { checkers, protocol } = endpoint
  const checker = typeof action === 'string' ? checkers.get(action) : undefined
  if (checker === undefined) {
    const known = [...checkers.keys()].join(', ')
    throw new SocketRefusal(
      'unknown_action',
      `expected ${protocol.verb} to be one of ${known}, got ${describe(action)}`,
    )
  }
  if (!checker.check(body)) {
    const errors = checker.errors(body)
    const code = areOfNames(errors) ? 'invalid_name' : 'invalid_request'
    throw new SocketRefusal(code, errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '))
  }
  if (action === 'ping') onPong(protocol.pong({ action, body, sent }, preciseWallTime(clock)))
  else session.on[action as string]!(body, sent)
}
