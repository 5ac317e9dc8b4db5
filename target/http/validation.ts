import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import { checker, dottedPath } from '../../contract/check.ts'
import type { PointedError } from '../../contract/problem.ts'
import { ProblemError } from './problem.ts'

/** Route schemas are checked by the same engine, and explained in the same words, as everything else. */
export function validateBySchema(app: FastifyInstance): void {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const compiled = checker(schema)
    return (value: unknown) =>
      compiled.check(value) ? { value } : { error: invalidRequest(compiled.errors(value), httpPart) }
  })
}

/** The problem of a request that does not fit; `part` says which part of it. */
export function invalidRequest(errors: PointedError[], part = 'body'): ProblemError {
  const first = errors[0]
  const place = first === undefined ? '' : dottedPath(first.pointer)
  const detail = first === undefined ? `the ${part} does not fit` : `${place || part}: ${first.detail}`
  return new ProblemError('invalid_request', errors.length > 1 ? `${detail} (and ${errors.length - 1} more)` : detail, {
    errors,
  })
}
