import type { FastifyReply } from 'fastify'

/** Opens a stream once the earlier requests on its connection have been answered. */
export function openInTurn(reply: FastifyReply, open: () => void): void {
  if (reply.raw.socket !== null || reply.request.raw.socket.destroyed) return open()
  // Deferred, because Node emits `socket` before it has finished assigning the connection to the response.
  reply.raw.once('socket', () =>
    queueMicrotask(() => {
      try {
        open()
      } catch (error) {
        void reply.send(error)
      }
    }),
  )
}
