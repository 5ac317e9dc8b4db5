import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** A connection to a server that can be cut without either end noticing. */
export interface Network {
  /** URL of the server through this network. */
  url: string
  /** Silences all current connections for ever, without closing them. New connections work. */
  cut(): void
  /** Connections that were cut and that the client has not closed since. */
  readonly dangling: number
}

/** Forwards bytes to the server at this URL, for one test. */
export async function networkTo(targetUrl: string): Promise<Network> {
  const { hostname, port } = new URL(targetUrl)
  const wires = new Set<[Socket, Socket]>()
  const sockets = new Set<Socket>()
  const dangling = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, client => {
    const target = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    const wire: [Socket, Socket] = [client, target]
    wires.add(wire)
    for (const [from, to] of [wire, wire.toReversed()] as [Socket, Socket][]) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => {})
      from.on('close', () => {
        dangling.delete(from)
        if (wires.delete(wire)) to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      for (const [client, target] of wires) {
        client.unpipe(target)
        target.unpipe(client)
        target.pause()
        // The data is read and dropped, so that the end is noticed here.
        client.resume()
        client.on('end', () => client.destroy())
        dangling.add(client)
      }
      wires.clear()
    },
    get dangling() {
      return dangling.size
    },
  }
}
