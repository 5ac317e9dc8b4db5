import { parseDuration } from '../../../core/duration.ts'
import { graphqlSubprotocol } from '../../../contract/graphql/protocol.ts'
import { type EventFrames, graphqlFrames } from '../../delivery/event-frames.ts'
import { cursorIn } from '../../delivery/graphql-payload.ts'
import type { GraphqlError, GraphqlResult, GraphqlSubscriptionOptions } from '../../scenario/graphql.ts'
import type { Socket } from '../../scenario/sockets.ts'
import type { Session } from '../../session/session.ts'
import { StreamError } from '../live/reconnector.ts'
import type { WsClient } from '../live/websocket/ws-client.ts'
import { failureOf } from './result-judge.ts'

/** Messages of graphql-transport-ws that a server sends. */
type ServerMessage =
  | { type: 'connection_ack' }
  | { type: 'ping' | 'pong'; payload?: unknown }
  | { type: 'next'; id: string; payload: GraphqlResult<unknown> }
  | { type: 'error'; id: string; payload: GraphqlError[] }
  | { type: 'complete'; id: string }

export interface SocketSubscription {
  path: string
  name: string | undefined
  /** Parameters of the operation. */
  request: Record<string, unknown>
  options: GraphqlSubscriptionOptions
  /** Returns the payload of connection_init. */
  introduction: () => Promise<Record<string, unknown>>
}

/** Each subscription has a connection of its own. */
const ID = '1'

/** Follows a subscription over graphql-transport-ws, and over all its connections. */
export async function* followSocket(
  ws: WsClient,
  session: Session,
  { path, name, request, options, introduction }: SocketSubscription,
): AsyncGenerator<GraphqlResult<unknown>, void, undefined> {
  const { until, events = Number.POSITIVE_INFINITY, timeout, connectionParams: _, ...live } = options
  const { headers, tags, silence, reconnect = true, jitter, readRate } = live
  let cursor: string | undefined
  // At the receipt, because a scenario may read later than the connection breaks.
  const frames: EventFrames = {
    ...graphqlFrames,
    open: frame => {
      cursor = cursorIn(frame['payload']) ?? cursor
      return graphqlFrames.open!(frame)
    },
  }
  const onOpen = async (socket: Socket<ServerMessage>): Promise<void> => {
    const init = { type: 'connection_init', payload: await introduction() }
    const wait = { ...(timeout !== undefined && { timeout }), ...(name !== undefined && { name }) }
    const ack = await socket.request(init, { type: 'connection_ack' }, wait)
    if (ack === undefined) throw new StreamError(`cannot follow ${path}: connection_init was not acknowledged`)
    const extensions = cursor === undefined ? undefined : { cursor }
    await socket.send({ id: ID, type: 'subscribe', payload: { ...request, extensions } })
  }
  const given = { headers, tags, silence, jitter, readRate, name }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const socket = await ws.open<ServerMessage>(
    path,
    { ...known, reconnect, protocols: graphqlSubprotocol, onOpen },
    frames,
  )
  const over = new AbortController()
  if (until !== undefined) {
    void session.clock.sleep(parseDuration(until), over.signal).then(async () => {
      if (!over.signal.aborted) await socket.close()
    })
  }
  try {
    for (let left = events; left > 0; ) {
      const message = await socket.receive()
      if (message === undefined) return
      if (message.type === 'ping') await socket.send({ type: 'pong' })
      else if (message.type === 'complete') return
      else if (message.type === 'error') throw refused(session, name ?? path, path, message.payload)
      else if (message.type === 'next') {
        left -= 1
        const { errors } = message.payload
        if (errors !== undefined) session.recorder.fail({ name: name ?? path, ...failureOf(errors) })
        yield message.payload
      }
    }
  } finally {
    over.abort()
    await socket.close()
  }
}

/** Counts a subscription that the server refuses; no request tells of it. */
function refused(session: Session, name: string, path: string, errors: readonly GraphqlError[]): StreamError {
  const failure = failureOf(errors)
  session.recorder.fail({ name, ...failure })
  return new StreamError(`cannot follow ${path}: ${failure.example}`)
}
