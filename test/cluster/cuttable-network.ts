import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished, type TestContext } from 'vitest'

/** A network to a port of this machine that a test cuts and heals. */
export interface CuttableNetwork {
  port: number
  /** Swallows everything from now on, without closing a connection. */
  cut(): void
  /** Lets new connections through. Those that were cut are gone. */
  heal(): void
}

export async function cuttableNetwork(
  toPort: number,
  context: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<CuttableNetwork> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer(client => {
    const far = connect(toPort, '127.0.0.1')
    let wasCut = isCut
    for (const [from, to] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(from)
      from.on('data', data => {
        wasCut ||= isCut
        if (!wasCut) to.write(data)
      })
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        // A far end that is out of reach does not notice.
        if (!isCut || from === client) to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => void (isCut = true),
    heal: () => void (isCut = false),
  }
}
