import { once } from 'node:events'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished, type TestContext } from 'vitest'
import { certificate } from './certificates.ts'

/** An authority, and a server on 127.0.0.1 with its certificate. */
export function certifiedHost(hosts: string[] = ['127.0.0.1', 'localhost']) {
  const authority = certificate({ name: 'Authority of the tests', isAuthority: true })
  const server = certificate({ name: hosts[0] as string, hosts, issuer: authority })
  return { authority, server }
}

/** Starts an HTTPS server on 127.0.0.1 that answers `ok`, and counts its connections and resumed sessions. */
export async function httpsServer(
  options: ServerOptions,
  context: Pick<TestContext, 'onTestFinished'> = { onTestFinished },
): Promise<{
  url: string
  port: number
  server: Server
  /** Whether each connection resumed a session, in order of their handshakes. */
  resumed: boolean[]
}> {
  const resumed: boolean[] = []
  const server = createServer(options, (request, response) => {
    if (request.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end('id: 1\ndata: {"a":1}\n\n')
    } else response.end('ok')
  })
  server.on('secureConnection', socket => resumed.push(socket.isSessionReused()))
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `https://127.0.0.1:${port}`, port, server, resumed }
}
