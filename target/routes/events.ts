import type { FastifyInstance } from 'fastify'
import type { PublishResponse } from '../../contract/api/events.ts'
import type { KnownOperation } from '../../contract/api/operations.ts'
import type { JsonReader } from '../http/body.ts'
import { serveUnchecked } from '../http/serve.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { Answer, Once } from '../idempotency/once.ts'
import { type JsonWithItems, readJsonWithItems } from '../json/items.ts'
import { readJson } from '../json/read-json.ts'
import { ProblemError, problemDocument } from '../exchange/problem.ts'
import type { Streams } from '../streams/streams.ts'

export function registerEventRoutes(app: FastifyInstance, streams: Streams, once: Once): void {
  route('events.publish', readJson, (body, { tenant, account, bodyText = '' }) =>
    accepted(textOf(streams.ingestion.publish(streams.tenant(tenant), body, account.events, bodyText))),
  )

  const readBatch: JsonReader = (text, jsonDepth) => readJsonWithItems(text, 'events', jsonDepth)
  route('events.batch', readBatch, (body, { tenant, account }) => {
    const batch = (body ?? NO_BATCH) as JsonWithItems
    const answer = streams.ingestion.batch(streams.tenant(tenant), batch, account.events)
    if (answer.accepted_count > 0 || answer.duplicate_count > 0) return accepted(answer)
    // The problem document also lists which events were rejected, and why.
    const problem = new ProblemError('batch_rejected', `all ${answer.rejected_count} events were rejected`)
    return { status: problem.status, body: { ...problemDocument(problem), ...answer } }
  })

  /** The ingestion checks bodies, because it counts rejected events. */
  function route(
    name: KnownOperation,
    readBody: JsonReader,
    serve: (body: unknown, exchange: Exchange) => Answer,
  ): void {
    serveUnchecked(
      app,
      name,
      (request, reply) => once.answer(request, reply, () => serve(request.body, request.exchange)),
      { readBody },
    )
  }
}

/** The body of a request that has none. */
const NO_BATCH: JsonWithItems = { value: undefined, items: [] }

function accepted(body: Answer['body']): Answer {
  return { status: 202, body }
}

/** Returns the answer as JSON. Its members are known, so that writing them takes a fraction of the time. */
function textOf({
  event_id: id,
  stream,
  partition,
  offset,
  accepted_at: acceptedAt,
  duplicate,
}: PublishResponse): string {
  const position = `"stream":${JSON.stringify(stream)},"partition":${partition},"offset":${offset}`
  const end = duplicate === true ? ',"duplicate":true}' : '}'
  return `{"event_id":${JSON.stringify(id)},${position},"accepted_at":${acceptedAt}${end}`
}
