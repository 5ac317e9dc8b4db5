import { parseDuration } from '../../../../core/duration.ts'
import type { EventFrames } from '../../../delivery/event-frames.ts'
import type { JsonFrame, Socket, SocketOptions, Ws } from '../../../scenario/sockets.ts'
import type { Session } from '../../../session/session.ts'
import { pathAt } from '../../address/hosts.ts'
import { checkProtocols } from '../../message/request-head.ts'
import type { WsDependencies } from '../dependencies.ts'
import { checkLiveOptions } from '../options.ts'
import { StreamError, createFollowed } from '../reconnector.ts'
import { UserSocket } from './user-socket.ts'

/** Opens the WebSockets of one user. */
export class WsClient implements Ws {
  readonly #dependencies: WsDependencies
  readonly #session: Session
  /** Sockets that have not ended; created with the first one. */
  #sockets: Set<UserSocket> | undefined
  #opened = 0

  constructor(dependencies: WsDependencies, session: Session) {
    this.#dependencies = dependencies
    this.#session = session
  }

  /** @param frames how its frames carry events. Default: as the operation of the target says */
  async open<Frame = JsonFrame>(
    path: string,
    options: SocketOptions<Frame> = {},
    frames?: EventFrames,
  ): Promise<Socket<Frame>> {
    check(options)
    const host = this.#dependencies.hosts.of(path)
    const wholePath = pathAt(host, path, options.query)
    const { clock, holdings, interrupted, stopping } = this.#session
    if (interrupted.aborted) {
      await clock.sleep(0)
      throw new StreamError(`cannot follow ${path}: the run has ended`)
    }
    const untyped = options as SocketOptions<unknown>
    const place = { host, path: wholePath }
    const socket = new UserSocket(this.#dependencies, this.#session, place, untyped, this.#opened++, frames)
    const sockets = (this.#sockets ??= createFollowed(this.#session))
    sockets.add(socket)
    holdings.add(socket)
    void socket.done.then(() => sockets.delete(socket))
    if (stopping.aborted) socket.stop()
    return (await socket.open()) as Socket<Frame>
  }
}

function check(options: SocketOptions<never>): void {
  const { backoff, timeout, protocols = [] } = options
  checkLiveOptions(options)
  for (const duration of [backoff, timeout]) if (duration !== undefined) parseDuration(duration)
  checkProtocols([protocols].flat())
}
