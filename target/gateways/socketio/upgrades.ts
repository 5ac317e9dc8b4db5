import type { FastifyRequest } from 'fastify'
import { ProblemError } from '../../exchange/problem.ts'
import type { MemoryTable } from '../../memory/budget.ts'
import type { OpenedSocket } from '../../sockets/endpoint.ts'
import { chargeUnfinishedMessage } from '../../sockets/unfinished-message.ts'
import { type EngineServer, engineRefusals } from './engine.ts'
import { type PolledQuery, PolledRequest, sidIn } from './poll-message.ts'

/** WebSockets that sessions which poll open, to go on over them. */
export class Upgrades {
  readonly #engine: EngineServer
  readonly #memory: MemoryTable

  constructor(engine: EngineServer, memory: MemoryTable) {
    this.#engine = engine
    this.#memory = memory
  }

  /** Whether a handshake belongs to an open session. @throws ProblemError if the session is unknown, or the request is wrong */
  check(request: FastifyRequest): boolean {
    const query = request.query as PolledQuery
    this.#engine.verify(new PolledRequest(request, query), true, (code, context) => {
      if (code === undefined) return
      throw new ProblemError(
        'invalid_request',
        `${engineRefusals[code] ?? 'Bad request'}${context?.name ? `: ${context.name}` : ''}`,
      )
    })
    if (query['EIO'] !== '4') throw new ProblemError('invalid_request', `expected EIO=4, got ${query['EIO']}`)
    return sidIn(query) !== undefined
  }

  take({ webSocket, socket, query, exchange }: OpenedSocket): void {
    exchange.streamOpened(101)
    webSocket.on('message', (data: Buffer) => (exchange.bytesIn += data.length))
    socket.once('close', () => exchange.streamEnded())
    chargeUnfinishedMessage(webSocket, socket, this.#memory, () => socket.destroy())
    const request = new PolledRequest({ method: 'GET', url: '/socket.io/', headers: {}, ip: '' }, query)
    this.#engine.onWebSocket(request, socket, webSocket)
  }
}
