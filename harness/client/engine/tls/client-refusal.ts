import type { TLSSocket } from 'node:tls'

/** The server ended a connection on which it had asked for a certificate of the client. */
export const CLIENT_REFUSED = 'HARNESS_TLS_CLIENT_REFUSED'

/** A connection, and the bytes that it had received at the end of its handshake. */
interface JudgedConnection {
  socket: TLSSocket
  bytesRead: number
}

/**
 * Names the reason if a server ends a connection without an answer after it has asked for a certificate of the client. With TLS 1.3, it judges
 * the client only after the handshake, and many servers then close the connection and say no more. A server that has answered this
 * client before ends connections for other reasons.
 */
export class ClientRefusals {
  /** The connection that shows whether a server answers this client, by server. */
  readonly #first = new Map<string, JudgedConnection>()

  /** @param socket right after its handshake, before others listen to it. */
  watch(socket: TLSSocket, server: string, place: string): void {
    // Only the request for a certificate names algorithms to a client. A resumed session has none.
    if (socket.getSharedSigalgs().length === 0) return
    const judged = { socket, bytesRead: socket.bytesRead }
    const first = this.#first.get(server)
    if (first !== undefined && isAnswered(first)) return
    if (first === undefined || first.socket.destroyed) this.#first.set(server, judged)
    const gave = Object.keys(socket.getCertificate() ?? {}).length > 0
    const words = `${place} ended the connection without an answer, and had asked for a certificate of the client, which ${gave ? 'gave one' : 'has none'}`
    const isRefused = () => !isAnswered(judged) && !isAnswered(this.#first.get(server) ?? judged)
    socket.prependOnceListener('end', () => {
      if (!isRefused()) return
      socket.destroy()
      // At once, because the next listeners would take the end for all there is to say.
      socket.emit('error', Object.assign(new Error(words), { code: CLIENT_REFUSED }))
    })
    socket.prependOnceListener('error', (error: NodeJS.ErrnoException) => {
      // Changed in place, because all listeners get this one.
      if (error.code === 'ECONNRESET' && isRefused()) Object.assign(error, { message: words, code: CLIENT_REFUSED })
    })
  }
}

function isAnswered({ socket, bytesRead }: JudgedConnection): boolean {
  return socket.bytesRead > bytesRead
}
