/** The subprotocol of GraphQL over WebSocket that both ends speak. */
export const graphqlSubprotocol = 'graphql-transport-ws'

/** Media types of GraphQL over HTTP. */
export const graphqlMediaTypes = {
  response: 'application/graphql-response+json',
  json: 'application/json',
} as const

/** The place of a delivered event, in `extensions` of its payload, so that a client can resume whatever fields it has selected. */
export interface EventPlace {
  stream: string
  partition: number
  offset: number
  cursor: string
}

/** The place of a delivered chat message, in `extensions` of its payload. */
export interface MessagePlace {
  channel: string
  sequence: number
}
