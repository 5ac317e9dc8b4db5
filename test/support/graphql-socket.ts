import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { NaiveSocket } from './naive-socket.ts'

/** A bare WebSocket that says exactly what a test tells it, right or wrong. */
export class GraphqlSocket extends NaiveSocket {
  readonly webSocket: WebSocket
  /** Code and reason of the end. */
  readonly closed: Promise<{ code: number; reason: string }>

  constructor(webSocket: WebSocket) {
    super(webSocket)
    this.webSocket = webSocket
    this.closed = once(webSocket, 'close').then(([code, reason]) => ({
      code: code as number,
      reason: String(reason as Buffer),
    }))
    // A handshake that is refused is reported where it was asked for.
    this.closed.catch(() => {})
  }

  /** @param protocol default: graphql-transport-ws */
  static async enter(url: string, protocol: string[] = ['graphql-transport-ws']): Promise<GraphqlSocket> {
    const webSocket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql/subscriptions`, protocol)
    const socket = new GraphqlSocket(webSocket)
    onTestFinished(() => webSocket.terminate())
    await once(webSocket, 'open')
    return socket
  }

  /** Introduces itself, with a token perhaps. */
  async introduce(token?: string): Promise<this> {
    const payload = token === undefined ? undefined : { authorization: `Bearer ${token}` }
    const answer = await this.ask({ type: 'connection_init', payload })
    if (answer['type'] !== 'connection_ack') throw new Error(`expected connection_ack, got ${JSON.stringify(answer)}`)
    return this
  }

  subscribe(query: string, id = 'one', variables?: object): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } })
  }

  raw(data: string | Buffer): void {
    this.webSocket.send(data)
  }
}
