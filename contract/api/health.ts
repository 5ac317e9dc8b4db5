import { Type } from '../../core/schema.ts'
import { operationsOf, type OperationTable } from './operation.ts'

const Health = Type.Object({ status: Type.Literal('ok'), version: Type.String(), uptime_ms: Type.Integer() })
const answers = { 200: { description: 'Yes.', schema: Health } }

export const healthOperations = operationsOf({ tag: 'Health', access: { kind: 'public' } }, {
  'health.live': {
    request: 'GET /healthz',
    summary: 'Tells whether the target is alive.',
    answers,
  },
  'health.ready': {
    request: 'GET /readyz',
    summary: 'Tells whether the target accepts requests.',
    answers,
    problems: ['not_ready'],
  },
  'health.api': {
    request: 'GET /api/v1/health',
    summary: 'Tells whether the target is alive.',
    answers,
  },
} as const satisfies OperationTable)
