import type { TLSSocket } from 'node:tls'

/** The server ended a connection on which it had asked for a certificate of the client. */
export const CLIENT_REFUSED = 'HARNESS_TLS_CLIENT_REFUSED'

/**
 * Names the reason if a server ends a connection without an answer after it has asked for a certificate of the client. With TLS 1.3, it judges
 * the client only after the handshake, and many servers then close the connection and say no more.
 * @param socket right after its handshake, before others listen to it.
 */
export function explainClientRefusal(socket: TLSSocket, place: string): void {
  // Only the request for a certificate names algorithms to a client. A resumed session has none.
  if (socket.getSharedSigalgs().length === 0) return
  const gave = Object.keys(socket.getCertificate() ?? {}).length > 0
  const { bytesRead } = socket
  const words = `${place} ended the connection without an answer, and had asked for a certificate of the client, which ${gave ? 'gave one' : 'has none'}`
  const isUnanswered = () => socket.bytesRead === bytesRead
  socket.prependOnceListener('end', () => {
    if (!isUnanswered()) return
    socket.destroy()
    // At once, because the next listeners would take the end for all there is to say.
    socket.emit('error', Object.assign(new Error(words), { code: CLIENT_REFUSED }))
  })
  socket.prependOnceListener('error', (error: NodeJS.ErrnoException) => {
    // Changed in place, because all listeners get this one.
    if (error.code === 'ECONNRESET' && isUnanswered()) Object.assign(error, { message: words, code: CLIENT_REFUSED })
  })
}
