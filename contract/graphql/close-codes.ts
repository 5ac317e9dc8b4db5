import type { CloseCode } from '../sockets/close-codes.ts'

/** Close codes of `graphql-transport-ws`, besides those of every WebSocket of this server. */
export const graphqlCloseCodes = {
  4400: { name: 'bad_request', meaning: 'A message was invalid.', reconnect: 'never' },
  4401: {
    name: 'unauthorized',
    meaning: 'A subscribe came before connection_ack, or the token ran out.',
    reconnect: 'at once',
  },
  4403: { name: 'forbidden', meaning: 'The token of connection_init was not accepted.', reconnect: 'never' },
  4406: { name: 'subprotocol', meaning: 'The client did not offer graphql-transport-ws.', reconnect: 'never' },
  4408: { name: 'init_timeout', meaning: 'No connection_init came in time.', reconnect: 'later' },
  4409: { name: 'subscriber_exists', meaning: 'The id of a subscribe is in use.', reconnect: 'never' },
  4429: { name: 'too_many_inits', meaning: 'A second connection_init.', reconnect: 'never' },
  4500: { name: 'internal_error', meaning: 'The server failed.', reconnect: 'later' },
} as const satisfies Record<number, CloseCode>
export type GraphqlCloseCode = keyof typeof graphqlCloseCodes
