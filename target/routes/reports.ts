import type { FastifyInstance } from 'fastify'
import { ownerOf } from '../exchange/owner.ts'
import { byteRange, isKnown } from '../http/conditional.ts'
import type { ReportFile } from '../domain/reports/report-file.ts'
import type { Reports } from '../domain/reports/reports.ts'
import { locationOf, serve } from '../http/serve.ts'
import type { Once } from '../idempotency/once.ts'
import { ProblemError } from '../exchange/problem.ts'

export function registerReportRoutes(app: FastifyInstance, reports: Reports, once: Once): void {
  serve(app, 'reports.create', (request, reply) =>
    once.answer(request, reply, () => {
      const { exchange, body, url } = request
      const job = reports.submit(ownerOf(exchange), body, exchange.account.reports)
      const location = locationOf(url, job.id)
      return {
        status: 202,
        headers: { location, 'retry-after': reports.retryAfter(job) },
        // Even if a free worker has started the job already.
        body: { job_id: job.id, status: 'queued', status_url: location },
      }
    }),
  )

  serve(app, 'reports.get', ({ exchange, params, url }, reply) => {
    const job = reports.find(ownerOf(exchange), params['job_id']!)
    if (!job.isFinished) void reply.header('retry-after', reports.retryAfter(job))
    return reply.send(job.report(reports.now(), locationOf(url, 'download')))
  })

  serve(app, 'reports.cancel', ({ exchange, params }, reply) => {
    reports.cancel(ownerOf(exchange), params['job_id']!)
    return reply.code(204).send()
  })

  serve(app, 'reports.download', async ({ exchange, params, headers, method }, reply) => {
    const job = reports.find(ownerOf(exchange), params['job_id']!)
    const file = await reports.file(job)
    const { bytes, etag, mediaType, hold } = file
    if (isKnown(headers['if-none-match'], etag)) return reply.code(304).header('etag', etag).send()
    // Only GET has ranges (RFC 9110 §14.2).
    const mayBePart = method === 'GET' && isCurrent(headers['if-range'], file)
    const range = mayBePart ? byteRange(headers.range, bytes.length) : undefined
    if (range === 'unsatisfiable') throw unsatisfiable(headers.range!, bytes.length)
    // If the client left while the file was rendered, `close` has been emitted already.
    if (!reply.raw.closed) {
      hold.take()
      reply.raw.once('close', () => hold.letGo())
    }
    void reply.type(mediaType).headers({
      etag,
      'accept-ranges': 'bytes',
      'content-disposition': `attachment; filename="${job.dataset}-${job.id}.${job.format}"`,
    })
    if (range === undefined) return reply.send(bytes)
    return reply
      .code(206)
      .header('content-range', `bytes ${range.first}-${range.last}/${bytes.length}`)
      .send(bytes.subarray(range.first, range.last + 1))
  })
}

/** Whether a client has the rest of this version of the file (`If-Range`, RFC 9110 §13.1.5). Files have no dates. */
function isCurrent(ifRange: string | string[] | undefined, { etag }: ReportFile): boolean {
  return ifRange === undefined || ifRange === etag
}

function unsatisfiable(range: string, lengthBytes: number): ProblemError {
  return new ProblemError('range_not_satisfiable', `the file has ${lengthBytes} bytes, got ${range.slice(0, 80)}`, {
    headers: { 'content-range': `bytes */${lengthBytes}` },
  })
}
