/** The reason for closing a WebSocket, and when its client should reconnect. `never`: not without a change by the client. */
export interface CloseCode {
  name: string
  meaning: string
  reconnect: 'at once' | 'later' | 'never'
}

/** The close codes of this server, and those of RFC 6455 that any client may receive. */
export const closeCodes = {
  1000: { name: 'normal', meaning: 'The work is done.', reconnect: 'never' },
  1001: { name: 'going_away', meaning: 'The server is shutting down.', reconnect: 'later' },
  1002: { name: 'protocol_error', meaning: 'A frame was not WebSocket.', reconnect: 'never' },
  1003: { name: 'unsupported_data', meaning: 'A binary frame where text was expected.', reconnect: 'never' },
  1005: { name: 'no_status', meaning: 'A close frame without a code.', reconnect: 'never' },
  1006: { name: 'abnormal', meaning: 'The connection was lost without a close frame.', reconnect: 'at once' },
  1007: { name: 'invalid_payload', meaning: 'Text that is not UTF-8.', reconnect: 'never' },
  1008: {
    name: 'policy',
    meaning: 'The client did what is not allowed, or stopped answering pings.',
    reconnect: 'never',
  },
  1009: { name: 'too_big', meaning: 'A frame over the limit.', reconnect: 'never' },
  1011: { name: 'fault', meaning: 'The server failed.', reconnect: 'later' },
  1012: { name: 'restart', meaning: 'Cut by the control plane.', reconnect: 'at once' },
  1013: { name: 'overload', meaning: 'The client reads too slowly, or there is no room.', reconnect: 'later' },
  4400: { name: 'bad_request', meaning: 'A message of GraphQL or STOMP was invalid.', reconnect: 'never' },
  4401: { name: 'token_expired', meaning: 'The token ran out.', reconnect: 'at once' },
  4403: { name: 'forbidden', meaning: 'The token was not accepted.', reconnect: 'never' },
  4406: { name: 'subprotocol', meaning: 'The client did not offer the subprotocol.', reconnect: 'never' },
  4408: { name: 'init_timeout', meaning: 'The client did not introduce itself in time.', reconnect: 'later' },
  4409: { name: 'replaced', meaning: 'The same client connected again.', reconnect: 'never' },
  4429: { name: 'too_many_inits', meaning: 'The client introduced itself twice.', reconnect: 'never' },
  4500: { name: 'internal_error', meaning: 'The server failed.', reconnect: 'later' },
} as const satisfies Record<number, CloseCode>
export type KnownCloseCode = keyof typeof closeCodes

/**
 * Returns the meaning of any code. An unknown one from 4000 up is an application's own and final; others may be
 * standardised later.
 */
export function closeCodeOf(code: number): CloseCode {
  const known = (closeCodes as Record<number, CloseCode>)[code]
  const reconnect = code >= 4000 ? 'never' : 'later'
  return known ?? { name: `code_${code}`, meaning: 'A code of the server’s own.', reconnect }
}
