import type { GraphQLError } from 'graphql'
import type { GraphqlRequest } from '../../../contract/api/graphql.ts'
import { closeCodes, type KnownCloseCode } from '../../../contract/sockets/close-codes.ts'
import { type SocketProblemCode, socketProblems } from '../../../contract/sockets/frames.ts'
import { graphqlSubprotocol } from '../../../contract/graphql/protocol.ts'
import { bearerToken } from '../../auth/guard.ts'
import type { RoomMember } from '../../domain/chat/room-message.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { SocketRefusal } from '../../protocols/refusal.ts'
import type { Peer } from '../../sockets/endpoint.ts'
import { resume } from '../../streams/resume.ts'
import { Subscription } from '../../streams/subscription.ts'
import { GraphqlCaller } from './caller.ts'
import { noRoom } from '../../domain/chat/room-rules.ts'
import { checkChannel } from './chat.ts'
import type { ReadyOperation } from './engine.ts'
import { SubscriptionLanes } from '../../streams/lanes.ts'
import { errorOf } from './refusals.ts'
import type { FollowedSource, FieldSelection } from './selection.ts'
import { eventsFollowed } from '../events-followed.ts'
import type { TransportDependencies } from './transport-endpoint.ts'
import { completeFrame, connectionAck, errorFrame, resultFrame } from './transport-protocol.ts'
import { UncountedBook } from '../../streams/uncounted-book.ts'

/** How a subscription begins and ends. */
interface FollowedLife {
  start: () => void
  end: () => void
}

/** One client of graphql-transport-ws, from its connection_init to its end. */
export class TransportSession {
  readonly #peer: Peer
  readonly #dependencies: TransportDependencies
  readonly #lanes: SubscriptionLanes
  /** How to end each subscription, by its id. */
  readonly #active = new Map<string, () => void>()
  #initialised = false
  #acknowledged = false

  constructor(peer: Peer, dependencies: TransportDependencies) {
    this.#peer = peer
    this.#dependencies = dependencies
    this.#lanes = new SubscriptionLanes(peer.connection)
    // Later, because the connection is not a member of the pool yet.
    if (peer.subprotocol !== graphqlSubprotocol) setImmediate(() => this.#close(4406))
  }

  /** Closes a client that has not introduced itself in time. */
  review(now: number, deadline: number): void {
    if (!this.#initialised && now >= deadline) this.#close(4408)
  }

  initialise(payload: Readonly<Record<string, unknown>>): void {
    if (this.#initialised) return this.#close(4429)
    this.#initialised = true
    const { exchange, authorization } = this.#peer
    const token = tokenIn(payload) ?? (authorization === undefined ? undefined : bearerToken(authorization))
    if (token === undefined) {
      if (this.#dependencies.settings.current.auth.mode === 'strict') return this.#refuseToken()
    } else {
      const bearer = this.#dependencies.bearers.of(token)
      if (typeof bearer === 'string') return this.#refuseToken()
      exchange.bearer = bearer
    }
    this.#acknowledged = true
    this.#peer.connection.enqueue(connectionAck())
  }

  subscribe(id: string, request: GraphqlRequest): void {
    if (!this.#acknowledged) return this.#close(4401, 'A subscribe came before connection_ack.')
    if (this.#active.has(id)) return this.#close(4409, `Subscriber for ${id} already exists`)
    const { engine } = this.#dependencies
    const operation = engine.prepare(request)
    if ('errors' in operation) return this.#refuse(id, operation.errors)
    if (operation.kind === 'subscription') return this.#follow(id, operation, request)
    const { text } = engine.execute(operation, this.#peer.exchange)
    this.#peer.connection.enqueue(resultFrame(id, text))
    this.#peer.connection.enqueue(completeFrame(id))
  }

  /** Ends a subscription on behalf of the client, which expects no answer. */
  complete(id: string): void {
    this.#active.get(id)?.()
    if (this.#active.delete(id)) this.#peer.subscriptions.delete(id)
  }

  /** Ends everything. */
  end(): void {
    this.#initialised = true
    for (const end of this.#active.values()) end()
    this.#active.clear()
  }

  #follow(id: string, operation: ReadyOperation, { extensions }: GraphqlRequest): void {
    const found = this.#dependencies.engine.follow(operation)
    if ('errors' in found) return this.#refuse(id, found.errors)
    const { followed, selection, bytes } = found
    const cursor = extensions?.['cursor']
    const memory = this.#dependencies.memory.table('subscriptions')
    try {
      memory.admit(bytes)
      try {
        this.#peer.subscriptions.add([id])
        const { start, end } =
          followed.kind === 'messages'
            ? this.#followRoom(id, followed.channel, selection)
            : this.#followEvents(id, followed, selection, typeof cursor === 'string' ? cursor : undefined)
        this.#active.set(id, () => {
          end()
          memory.release(bytes)
        })
        // Last, because it may end the connection, and with it the subscription.
        start()
      } catch (error) {
        memory.release(bytes)
        this.#peer.subscriptions.delete(id)
        throw error
      }
    } catch (error) {
      if (!(error instanceof ProblemError || error instanceof SocketRefusal)) throw error
      return this.#refuse(id, [errorOf(error)])
    }
  }

  #followEvents(
    id: string,
    followed: Extract<FollowedSource, { kind: 'events' }>,
    selection: FieldSelection,
    cursor: string | undefined,
  ): FollowedLife {
    const { streams, settings, clock, encoders } = this.#dependencies
    const { exchange } = this.#peer
    new GraphqlCaller(exchange, settings).require('streams.read')
    const tenant = streams.tenant(exchange.tenant)
    const { streams: names, filter, group, start } = eventsFollowed(followed, tenant.partitions, cursor)
    const found = names.map(name => tenant.stream(name))
    tenant.evict(clock.wallTime())
    const resumption = resume(tenant, found, start, group)
    const lane = this.#lanes.open(id)
    const subscription = new Subscription({
      tenant,
      resumption,
      filter,
      protocol: encoders.subscription(selection, id),
      connection: lane,
      book: new UncountedBook(this.#peer.key),
    })
    tenant.openConnections += 1
    return {
      start: () => subscription.start(resumption.reset),
      end() {
        tenant.openConnections -= 1
        subscription.end(clock.wallTime())
        lane.end()
      },
    }
  }

  #followRoom(id: string, channel: string, selection: FieldSelection): FollowedLife {
    const { hall, settings, encoders } = this.#dependencies
    const { exchange, connection } = this.#peer
    new GraphqlCaller(exchange, settings).require('sockets.chat')
    checkChannel(channel)
    const encoder = encoders.subscription(selection, id)
    const member: RoomMember = { hear: message => connection.enqueue(message.frame(encoder)) }
    if (hall.join(exchange.tenant, channel, member) === undefined) throw noRoom(channel, settings)
    return { start: () => {}, end: () => hall.leave(exchange.tenant, channel, member) }
  }

  /** Answers an operation that is not executed, and has it counted. */
  #refuse(id: string, errors: readonly GraphQLError[]): never {
    this.#peer.connection.enqueue(errorFrame(id, errors))
    const { message, extensions } = errors[0]!
    throw new SocketRefusal(countedCode(extensions['code']), message, true)
  }

  #refuseToken(): void {
    this.#peer.exchange.account.tokens.refused('invalid_token')
    this.#close(4403)
  }

  #close(code: KnownCloseCode, reason: string = closeCodes[code].meaning): void {
    this.#peer.close(code, reason)
  }
}

/** Returns the code under which the ledger counts an error: that of frames which is nearest. */
function countedCode(code: unknown): SocketProblemCode {
  if (code === 'invalid_token' || code === 'insufficient_scope') return 'forbidden'
  return typeof code === 'string' && code in socketProblems ? (code as SocketProblemCode) : 'invalid_request'
}

/** Returns the token of a connection_init: `{authorization: 'Bearer …'}`, in any case, or `{token}`. */
function tokenIn(payload: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, value] of Object.entries(payload)) {
    if (typeof value !== 'string') continue
    if (name === 'token') return value
    if (name.toLowerCase() === 'authorization') return bearerToken(value) ?? value
  }
  return undefined
}
