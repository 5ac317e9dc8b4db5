import type { FastifyReply } from 'fastify'

export const jsonType = 'application/json; charset=utf-8'

/** Answers with text that is JSON already. */
export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.type(jsonType).send(json)
}
