import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Task } from '../../contract/api/tasks.ts'
import type { Board } from '../domain/tasks/board.ts'
import type { Tasks } from '../domain/tasks/tasks.ts'
import { isKnown, requireNewest } from '../http/conditional.ts'
import { idOf, locationOf, serve } from '../http/serve.ts'
import { boundsOf, pageOf } from '../http/page.ts'
import type { Once } from '../idempotency/once.ts'
import { ProblemError } from '../exchange/problem.ts'

export function registerTaskRoutes(app: FastifyInstance, tasks: Tasks, once: Once): void {
  serve(app, 'tasks.list', ({ exchange, query, url }, reply) => {
    const { start, end } = boundsOf(query)
    const { items, total } = tasks.board(exchange.tenant).list(query, start, end)
    return reply.send(pageOf(items, total, query, url))
  })

  serve(app, 'tasks.create', (request, reply) =>
    once.answer(request, reply, () => {
      const task = tasks.board(request.exchange.tenant).create(request.body)
      return { status: 201, headers: { location: locationOf(request.url, task.id), etag: etagOf(task) }, body: task }
    }),
  )

  serve(app, 'tasks.get', (request, reply) => {
    const task = asked(tasks.board(request.exchange.tenant), request)
    const etag = etagOf(task)
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).header('etag', etag).send()
    return send(reply, task)
  })

  serve(app, 'tasks.change', (request, reply) => {
    const board = tasks.board(request.exchange.tenant)
    const task = asked(board, request)
    const draft = board.draft(task, request.body)
    // The precondition is checked after all other refusals (RFC 9110 §13.2.1).
    requireNewest(request.headers['if-match'], etagOf(task))
    if (draft !== task) board.replace(draft)
    return send(reply, draft)
  })

  serve(app, 'tasks.delete', (request, reply) => {
    const board = tasks.board(request.exchange.tenant)
    const task = asked(board, request)
    requireNewest(request.headers['if-match'], etagOf(task))
    board.remove(task)
    return reply.code(204).send()
  })
}

/** @throws ProblemError not_found */
function asked(board: Board, { params }: FastifyRequest<{ Params: Record<string, string> }>): Task {
  const id = idOf(params['id'])
  const task = id === undefined ? undefined : board.find(id)
  if (task === undefined) throw new ProblemError('not_found', `there is no task ${params['id']?.slice(0, 80)}`)
  return task
}

function send(reply: FastifyReply, task: Task): FastifyReply {
  return reply.header('etag', etagOf(task)).send(task)
}

function etagOf({ id, version }: Task): string {
  return `"${id}-${version}"`
}
