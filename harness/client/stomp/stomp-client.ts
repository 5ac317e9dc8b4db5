import { parseDuration } from '../../../core/duration.ts'
import type { Stomp, StompConnection, StompOptions } from '../../scenario/stomp.ts'
import type { Session } from '../../session/session.ts'
import { nameIn } from '../address/labelled-routes.ts'
import { pathAt } from '../address/hosts.ts'
import type { WsDependencies } from '../live/dependencies.ts'
import type { WsClient } from '../live/websocket/ws-client.ts'
import { PublishedEvents } from './published-events.ts'
import { UserStomp } from './user-stomp.ts'

/** STOMP client of one user. */
export class StompClient implements Stomp {
  readonly #dependencies: WsDependencies
  readonly #session: Session
  readonly #ws: WsClient

  constructor(dependencies: WsDependencies, session: Session, ws: WsClient) {
    this.#dependencies = dependencies
    this.#session = session
    this.#ws = ws
  }

  open(path = '/stomp', options: StompOptions = {}): Promise<StompConnection> {
    const { heartbeat } = options
    if (heartbeat !== undefined && heartbeat !== false) parseDuration(heartbeat)
    const { hosts, labelled, tags } = this.#dependencies
    const session = this.#session
    const host = hosts.of(path)
    const route = labelled.of(
      host.routes.of('GET', pathAt(host, path, options.query), nameIn(options)),
      session,
      options.tags,
    )
    return new UserStomp(
      {
        ws: this.#ws,
        session,
        path,
        name: route.name,
        published: new PublishedEvents(session, tags, tags.ofRequest(session, route)),
        authorization: async () => (host.takesToken ? session.token?.authorization() : undefined),
      },
      options,
    ).open()
  }
}
