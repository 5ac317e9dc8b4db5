import { Type } from 'typebox'
import type { Operation } from './operation.ts'

const Health = Type.Object({ status: Type.Literal('ok'), version: Type.String(), uptime_ms: Type.Integer() })
const access = { kind: 'public' } as const
const tag = 'Health'
const answers = { 200: { description: 'It is.', schema: Health } }

export const healthOperations = {
  'health.live': {
    method: 'GET',
    path: '/healthz',
    summary: 'Whether it is alive.',
    tag,
    access,
    answers,
    problems: [],
  },
  'health.ready': {
    method: 'GET',
    path: '/readyz',
    summary: 'Whether it takes requests.',
    tag,
    access,
    answers,
    problems: ['not_ready'],
  },
  'health.api': {
    method: 'GET',
    path: '/api/v1/health',
    summary: 'Whether it is alive.',
    tag,
    access,
    answers,
    problems: [],
  },
} as const satisfies Record<string, Operation>
