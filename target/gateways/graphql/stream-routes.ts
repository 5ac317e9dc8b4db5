import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { GraphQLError } from 'graphql'
import type { GraphqlRequest } from '../../../contract/api/graphql.ts'
import { headers } from '../../../contract/headers.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Hall } from '../../domain/chat/hall.ts'
import type { RoomMember } from '../../domain/chat/room-message.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { openInTurn } from '../../http/open-in-turn.ts'
import { serveUnchecked, type UncheckedRequest } from '../../http/serve.ts'
import type { SourceRequest } from '../../streams/source.ts'
import type { Streams } from '../../streams/streams.ts'
import { GraphqlCaller } from './caller.ts'
import { noRoom } from '../../domain/chat/room-rules.ts'
import { checkChannel } from './chat.ts'
import type { GraphqlEngine, ReadyOperation } from './engine.ts'
import { ChannelFollower, roomName } from '../channel-follower.ts'
import { eventsFollowed } from '../events-followed.ts'
import { eventsOf, type GraphqlEventStream } from './event-stream.ts'
import { onlyByPost, unexecuted } from './http-routes.ts'
import { readQuery, readRequest } from './payload.ts'
import type { SharedEncoders } from './shared-encoders.ts'

export interface StreamRoutesDependencies {
  engine: GraphqlEngine
  streams: Streams
  hall: Hall
  settings: Settings
  encoders: SharedEncoders
}

/** Serves subscriptions by server-sent events: each over a connection of its own (graphql-sse, distinct connections). */
export function registerGraphqlStreams(
  app: FastifyInstance,
  { engine, streams, hall, settings, encoders }: StreamRoutesDependencies,
): void {
  serveUnchecked(app, 'graphql.stream', (request, reply) => open(request, reply, readRequest(request.body)))
  serveUnchecked(app, 'graphql.stream_get', (request, reply) => {
    return open(request, reply, readQuery(request.query as Record<string, string | string[] | undefined>))
  })

  function open(
    request: UncheckedRequest,
    reply: FastifyReply,
    asked: GraphqlRequest | GraphQLError,
  ): FastifyReply | undefined {
    if (asked instanceof GraphQLError) return refuse(reply, [asked])
    const operation = engine.prepare(asked)
    if ('errors' in operation) return refuse(reply, operation.errors)
    if (operation.kind === 'mutation' && request.method !== 'POST') throw onlyByPost('a mutation')
    if (operation.kind === 'subscription') return subscribe(request, reply, operation)
    const { text } = engine.execute(operation, request.exchange)
    return reply.type(EVENT_STREAM).header('cache-control', 'no-store').send(eventsOf(text))
  }

  function subscribe(
    request: UncheckedRequest,
    reply: FastifyReply,
    operation: ReadyOperation,
  ): FastifyReply | undefined {
    const { exchange } = request
    const found = engine.follow(operation)
    if ('errors' in found) return refuse(reply, found.errors)
    const { followed, selection } = found
    const caller = new GraphqlCaller(exchange, settings)
    const tenant = streams.tenant(exchange.tenant)
    const protocol = encoders.stream(selection)
    const opening: SourceRequest = {
      exchange,
      tenant,
      protocol,
      headers: { ...(reply.getHeaders() as OutgoingHttpHeaders), [headers.requestId]: request.id },
      takeOver: (): ServerResponse => reply.hijack().raw,
    }
    if (followed.kind === 'events') {
      caller.require('streams.read')
      const resumeAt = request.headers[headers.lastEventId]
      const events = eventsFollowed(followed, tenant.partitions, typeof resumeAt === 'string' ? resumeAt : undefined)
      openInTurn(reply, () => streams.open({ ...opening, ...events }))
    } else {
      caller.require('sockets.chat')
      checkChannel(followed.channel)
      openInTurn(reply, () => followRoom(opening, followed.channel, protocol))
    }
    return reply
  }

  function followRoom(opening: SourceRequest, channel: string, protocol: GraphqlEventStream): void {
    const follower = new ChannelFollower([channel], roomName)
    const member: RoomMember = { hear: message => follower.offer(channel, message.frame(protocol)) }
    const { name: tenant } = opening.tenant
    streams.openSource(opening, {
      names: [roomName(channel)],
      resumed: false,
      placeOf: ({ sequence }) => `${channel}@${sequence}`,
      check: () => {
        if (hall.join(tenant, channel, member) === undefined) {
          throw new ProblemError('too_many_streams', noRoom(channel, settings).message)
        }
      },
      follow: (connection, book) => {
        follower.follow(connection, book)
        return { start: () => {}, end: () => hall.leave(tenant, channel, member) }
      },
      abandon: () => hall.leave(tenant, channel, member),
    })
  }
}

const EVENT_STREAM = 'text/event-stream; charset=utf-8'

/** Refuses a subscription before its stream begins. */
function refuse(reply: FastifyReply, errors: readonly GraphQLError[]): FastifyReply {
  return reply.code(400).type('application/json; charset=utf-8').send(unexecuted(errors).text)
}
