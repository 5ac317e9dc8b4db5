import type { Static } from 'typebox'
import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'
import { Maybe } from '../sockets/frames.ts'

export const reportFormats = ['csv', 'json'] as const
export type ReportFormat = (typeof reportFormats)[number]

export const reportStatuses = ['queued', 'running', 'completed', 'failed'] as const
export type ReportStatus = (typeof reportStatuses)[number]

export const ReportRequest = Type.Object(
  {
    type: Maybe(
      Type.String({
        maxLength: 64,
        description: 'Its subject: products, categories or orders; any other text means orders.',
      }),
    ),
    report_type: Maybe(Type.String({ maxLength: 64, description: 'Another name for type.' })),
    format: Maybe(Type.Enum([...reportFormats], { description: 'Default: csv.' })),
  },
  { description: 'Fields that are not known here are ignored.' },
)
export type ReportRequest = Static<typeof ReportRequest>

export const ReportAccepted = Type.Object({
  job_id: Type.String(),
  status: Type.Enum(['queued']),
  /** The path to poll. */
  status_url: Type.String(),
})
export type ReportAccepted = Static<typeof ReportAccepted>

const Instant = Type.Union([Type.String(), Type.Null()], { description: 'ISO 8601; null until then.' })

export const Report = Type.Object({
  job_id: Type.String(),
  status: Type.Enum([...reportStatuses]),
  /** Percent, 0…100. */
  progress: Type.Number({ minimum: 0, maximum: 100 }),
  type: Type.String(),
  format: Type.Enum([...reportFormats]),
  /** The path of the file, once it is completed. */
  download_url: Type.Optional(Type.String()),
  /** Why it failed. `cancelled` is one of the codes. */
  error: Type.Optional(Type.Object({ code: Type.String(), detail: Type.String() })),
  queued_at: Type.String({ description: 'ISO 8601.' }),
  started_at: Instant,
  finished_at: Instant,
})
export type Report = Static<typeof Report>

const read = { kind: 'bearer', scope: 'reports.read' } as const
const write = { kind: 'bearer', scope: 'reports.write' } as const
const parameters = Type.Object({ job_id: Type.String({ examples: ['none'] }) })
const retryAfter = { 'Retry-After': 'Seconds to wait before asking again.' }

export const reportOperations = operationsOf({ tag: 'Reports' }, {
  'reports.create': {
    request: 'POST /api/v1/reports',
    summary: 'Queues a report.',
    access: write,
    headers: Type.Object({ 'Idempotency-Key': Type.Optional(Type.String({ minLength: 1, maxLength: 256 })) }),
    body: {
      schema: ReportRequest,
      required: false,
      examples: {
        'orders as CSV': { type: 'orders', format: 'csv' },
        'products as JSON': { type: 'products', format: 'json' },
      },
    },
    answers: {
      202: {
        description: 'The report is queued.',
        schema: ReportAccepted,
        headers: {
          Location: 'The path to poll.',
          ...retryAfter,
          'Idempotent-Replayed': '`true` when it was queued before, with the same Idempotency-Key and body.',
        },
      },
    },
    problems: ['queue_full', 'idempotency_key_reused', 'idempotency_in_flight'],
  },
  'reports.get': {
    request: 'GET /api/v1/reports/{job_id}',
    summary: 'The status of a report.',
    access: read,
    parameters,
    answers: { 200: { description: 'The report’s job.', schema: Report, headers: retryAfter } },
    problems: ['not_found'],
  },
  'reports.cancel': {
    request: 'DELETE /api/v1/reports/{job_id}',
    summary: 'Cancels an unfinished report, or deletes a finished one.',
    access: write,
    parameters,
    answers: { 204: { description: 'The report was cancelled or deleted.' } },
    problems: ['not_found'],
  },
  'reports.download': {
    request: 'GET /api/v1/reports/{job_id}/download',
    summary: 'The finished report.',
    access: read,
    parameters,
    headers: Type.Object({
      Range: Type.Optional(Type.String()),
      'If-Range': Type.Optional(Type.String()),
      'If-None-Match': Type.Optional(Type.String()),
    }),
    answers: {
      200: {
        description: 'The file.',
        mediaTypes: ['text/csv', 'application/json'],
        headers: { 'Accept-Ranges': '`bytes`', ETag: 'Of the file.', 'Content-Disposition': 'A name for it.' },
      },
      206: {
        description: 'A part of the file.',
        mediaTypes: ['text/csv', 'application/json'],
        headers: { 'Content-Range': 'Which part.', ETag: 'Of the file.' },
      },
      304: { description: 'Not modified.', headers: { ETag: 'Of the file.' } },
    },
    problems: ['not_found', 'report_not_ready', 'range_not_satisfiable'],
  },
} as const satisfies OperationTable)
