import { createServer } from 'node:http'
import { Server, type Socket as LibrarySocket } from 'socket.io'
import type { Clock } from '../../../core/clock.ts'
import { parseDuration } from '../../../core/duration.ts'
import type { Bearers } from '../../auth/guard.ts'
import type { Settings } from '../../configuration/settings.ts'
import type { Hall } from '../../domain/chat/hall.ts'
import type { Lifecycle } from '../../lifecycle/lifecycle.ts'
import type { MemoryBudget, MemoryTable } from '../../memory/budget.ts'
import { checkersOf, type Endpoint, type EndpointSession, type Peer } from '../../sockets/endpoint.ts'
import type { ChatEndpoint } from '../../sockets/endpoints/chat.ts'
import type { Sockets } from '../../sockets/sockets.ts'
import { Subscriptions } from '../../sockets/subscriptions.ts'
import type { Streams } from '../../streams/streams.ts'
import { admit } from './admission.ts'
import type { EngineConnection, EngineServer } from './engine.ts'
import { PolledRequest } from './poll-message.ts'
import { NamespaceMember } from './member.ts'
import type { GatewayNamespace } from './namespace.ts'
import { namespacesOf } from './namespaces.ts'
import { readPackets } from './packet-decoder.ts'
import type { PolledSocket } from './polled-socket.ts'
import { Polls } from './polls.ts'
import { socketioActions, socketioProtocol } from './protocol.ts'
import { Recoveries, type RecoveredState } from './recoveries.ts'
import { recoveringAdapter } from './recovering-adapter.ts'
import { engineOf, SocketioSession } from './session.ts'
import { StreamsNamespace } from './streams-namespace.ts'
import { Upgrades } from './upgrades.ts'

export interface SocketioDependencies {
  streams: Streams
  sockets: Sockets
  hall: Hall
  chat: ChatEndpoint
  quotes: Endpoint
  notifications: Endpoint
  settings: Settings
  clock: Clock
  memory: MemoryBudget
  lifecycle: Lifecycle
  bearers: Bearers
}

/**
 * Socket.IO in front of the domain. The library speaks Engine.IO and keeps its sessions; all bytes go through the connections of the
 * target, as those of other WebSockets do.
 */
export class SocketioGateway implements Endpoint<typeof socketioActions> {
  readonly operation = 'socketio.connect'
  readonly protocol = socketioProtocol
  readonly checkers = checkersOf(socketioActions)
  readonly polls: Polls
  readonly rejoin: Upgrades
  readonly #dependencies: SocketioDependencies
  readonly #engine: EngineServer
  readonly #memory: MemoryTable
  readonly #sessions = new Map<EngineConnection, SocketioSession>()
  /** Sessions whose WebSocket is open, until the library has opened them too. */
  readonly #opening = new WeakMap<PolledRequest, SocketioSession>()
  readonly #members = new WeakMap<Peer, NamespaceMember>()
  /** Set while a session that polls joins. */
  #arriving: PolledSocket | undefined

  constructor(dependencies: SocketioDependencies) {
    const { streams, settings, clock, lifecycle, memory, sockets } = dependencies
    this.#dependencies = dependencies
    const { socketio } = settings.current
    this.#memory = memory.table('subscriptions')
    const recoveries = new Recoveries({
      settings,
      clock,
      memory: memory.table('socketio', () => recoveries.forgetOldest()),
    })
    for (const scope of ['data', 'streams'] as const) lifecycle.onReset(scope, () => recoveries.clear())
    const server = new Server({
      serveClient: false,
      pingInterval: parseDuration(socketio.pingInterval),
      pingTimeout: parseDuration(socketio.pingTimeout),
      connectTimeout: parseDuration(socketio.connectTimeout),
      upgradeTimeout: parseDuration(socketio.upgradeTimeout),
      maxHttpBufferSize: socketio.payloadBytes,
      httpCompression: false,
      perMessageDeflate: false,
      connectionStateRecovery: {
        skipMiddlewares: false,
        maxDisconnectionDuration: parseDuration(socketio.recoveryTime),
      },
    })
    server.adapter(recoveringAdapter(recoveries))
    const reader = readPackets(server, connection => this.#sessions.get(connection))
    // The target has an HTTP server of its own, which passes requests on. This one never listens.
    server.attach(createServer())
    this.#engine = server.engine as unknown as EngineServer
    this.#engine.prependListener('connection', (connection: EngineConnection) => reader.opening(connection))
    this.#engine.on('connection', (connection: EngineConnection) => this.#opened(connection))
    this.polls = new Polls(this.#engine, sockets, settings)
    this.rejoin = new Upgrades(this.#engine, memory.table('requests'))
    const streamsNamespace = new StreamsNamespace({
      streams,
      settings,
      clock,
      watch: {
        sent: (peer, { about }) => this.#members.get(peer)?.places.sent(about),
        begun: (peer, stream, sequence) => this.#members.get(peer)?.places.begin(stream, sequence),
      },
    })
    for (const namespace of namespacesOf({ ...dependencies, streamsNamespace })) this.#serve(server, namespace)
  }

  onConnect(peer: Peer): EndpointSession<typeof socketioActions> {
    const polled = this.#arriving
    const session = new SocketioSession(peer, polled)
    if (polled === undefined) this.#open(session)
    else this.#sessions.set(polled.engine, session)
    return {
      on: { bytes: ({ bytes, isBinary }) => session.receive(bytes, isBinary) },
      onDisconnect: () => session.end(),
    }
  }

  /** Lets the library open a session over a WebSocket. */
  #open(session: SocketioSession): void {
    const { query, authorization } = session.peer
    const headers = authorization === undefined ? {} : { authorization }
    const request = new PolledRequest({ method: 'GET', url: '/socket.io/', headers, ip: '' }, query)
    this.#opening.set(request, session)
    this.#engine.onWebSocket(request, session.socket, session.socket)
  }

  /** Called when the library has opened a session. */
  #opened(connection: EngineConnection): void {
    const session = this.#opening.get(connection.request) ?? this.#joinPolled(connection)
    this.#sessions.set(connection, session)
    connection.once('close', () => this.#sessions.delete(connection))
    session.attach(connection)
  }

  #joinPolled(connection: EngineConnection): SocketioSession {
    this.#arriving = this.polls.socketOf(connection)
    this.polls.join(this, this.#arriving)
    this.#arriving = undefined
    return this.#sessions.get(connection) as SocketioSession
  }

  #serve(server: Server, namespace: GatewayNamespace): void {
    const { settings } = this.#dependencies
    server
      .of(namespace.name)
      .use((socket, next) => {
        const session = this.#sessions.get(engineOf(socket))
        next(session && admit(socket, session.peer.exchange, namespace, this.#dependencies))
      })
      .on('connection', (socket: LibrarySocket) => {
        const session = this.#sessions.get(engineOf(socket))
        if (session === undefined) return
        const member: NamespaceMember = new NamespaceMember(namespace, session.peer, {
          clock: this.#dependencies.clock,
          jsonDepth: () => settings.current.http.jsonDepth,
          recoveryEvents: () => settings.current.socketio.recoveryEvents,
          subscriptions: new Subscriptions(() => settings.current.sockets.subscriptions, this.#memory),
        })
        this.#members.set(member, member)
        session.join(namespace.name, member)
        const recovered = socket.recovered ? (socket.data as RecoveredState) : undefined
        socket.on('disconnecting', () => (socket.data = member.state))
        socket.on('disconnect', () => session.leave(namespace.name))
        if (recovered !== undefined) member.recover(recovered)
      })
  }
}
