import { parseDuration } from '../../../../core/duration.ts'
import type { JsonFrame, Socket, SocketOptions, Ws } from '../../../scenario/sockets.ts'
import type { Session } from '../../../session/session.ts'
import { jitterOf } from '../../timing/backoff.ts'
import { checkLength, checkProtocols, encodeHeaders } from '../../message/request-head.ts'
import { pathOn } from '../../address/target.ts'
import type { WsDependencies } from '../dependencies.ts'
import { StreamError } from '../reconnector.ts'
import { parseReadRate } from '../pace.ts'
import { parseSilence } from '../silence.ts'
import { UserSocket } from './user-socket.ts'

/** Opens the WebSockets of one user. */
export class WsClient implements Ws {
  readonly #parts: WsDependencies
  readonly #session: Session
  /** Sockets that have not ended; created with the first one. */
  #sockets: Set<UserSocket> | undefined
  #opened = 0

  constructor(parts: WsDependencies, session: Session) {
    this.#parts = parts
    this.#session = session
  }

  async open<Frame = JsonFrame>(path: string, options: SocketOptions<Frame> = {}): Promise<Socket<Frame>> {
    check(options)
    const wholePath = pathOn(this.#parts.target, path, options.query)
    const { clock, holdings, interrupted, stopping } = this.#session
    if (interrupted.aborted) {
      await clock.sleep(0)
      throw new StreamError(`cannot follow ${path}: the run has ended`)
    }
    const untyped = options as SocketOptions<unknown>
    const socket = new UserSocket(this.#parts, this.#session, wholePath, untyped, this.#opened++)
    const sockets = (this.#sockets ??= this.#watch())
    sockets.add(socket)
    holdings.add(socket)
    void socket.done.then(() => sockets.delete(socket))
    if (stopping.aborted) socket.stopWaiting()
    return (await socket.open()) as Socket<Frame>
  }

  #watch(): Set<UserSocket> {
    const sockets = new Set<UserSocket>()
    const { interrupted, stopping } = this.#session
    stopping.addEventListener('abort', () => {
      for (const socket of sockets) socket.stopWaiting()
    })
    interrupted.addEventListener('abort', () => {
      for (const socket of sockets) socket.destroy()
    })
    return sockets
  }
}

/** Rejects an author's mistakes at once. @throws TypeError or RangeError */
function check({ jitter, readRate, backoff, timeout, silence, headers, protocols = [] }: SocketOptions<never>): void {
  jitterOf(jitter)
  parseSilence(silence)
  if (readRate !== undefined) parseReadRate(readRate)
  for (const duration of [backoff, timeout]) if (duration !== undefined) parseDuration(duration)
  checkLength(encodeHeaders(headers) ?? {}, 0)
  checkProtocols([protocols].flat())
}
