import type { Socketio, SocketioConnection, SocketioOptions } from '../../scenario/socketio.ts'
import type { Session } from '../../session/session.ts'
import { nameIn } from '../address/labelled-routes.ts'
import type { HttpClient } from '../http/http-client.ts'
import { pathAt } from '../address/hosts.ts'
import type { WsDependencies } from '../live/dependencies.ts'
import type { WsClient } from '../live/websocket/ws-client.ts'
import { PublishedPackets } from './published-packets.ts'
import { UserSocketio } from './user-socketio.ts'

/** Socket.IO client of one user. */
export class SocketioClient implements Socketio {
  readonly #dependencies: WsDependencies
  readonly #session: Session
  readonly #carriers: { ws: WsClient; http: HttpClient }

  constructor(dependencies: WsDependencies, session: Session, carriers: { ws: WsClient; http: HttpClient }) {
    this.#dependencies = dependencies
    this.#session = session
    this.#carriers = carriers
  }

  open(address = '/', options: SocketioOptions = {}): Promise<SocketioConnection> {
    const { path = '/socket.io/', transport = 'websocket' } = options
    const { hosts, labelled, tags } = this.#dependencies
    const session = this.#session
    const base = URL.canParse(address) ? new URL(address) : undefined
    const namespace = base === undefined ? address : base.pathname
    const whole = `${base === undefined ? '' : base.origin}${path}?EIO=4&transport=${transport}`
    const host = hosts.of(whole)
    const route = labelled.of(
      host.routes.of('GET', pathAt(host, whole, options.query), nameIn(options)),
      session,
      options.tags,
    )
    return new UserSocketio(
      {
        ...this.#carriers,
        session,
        namespace,
        path: whole,
        name: route.name,
        isForeign: route.operation === undefined,
        published: new PublishedPackets(session, tags, tags.ofRequest(session, route)),
        authorization: async () => (host.takesToken ? session.token?.authorization() : undefined),
      },
      options,
    ).open()
  }
}
