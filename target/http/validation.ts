import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import { checker, dottedPath, type PointedError } from '../../core/check.ts'
import { areOfNames } from '../../contract/name.ts'
import { ProblemError } from '../exchange/problem.ts'

/** Makes the framework check route schemas with the checker of the project, which also words the errors. */
export function validateBySchema(app: FastifyInstance): void {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const compiled = checker(schema)
    const refuse = httpPart === 'querystring' ? invalidQuery : invalidRequest
    return (value: unknown) => (compiled.check(value) ? { value } : { error: refuse(compiled.errors(value)) })
  })
}

/** Returns the problem of a body that does not fit its schema. */
export function invalidRequest(errors: PointedError[]): ProblemError {
  const code = areOfNames(errors) ? 'invalid_name' : 'invalid_request'
  return new ProblemError(code, inWords(errors, 'body'), { errors })
}

/** Returns the problem of a query that does not fit its schema. @param errors with pointers into the query */
export function invalidQuery(errors: PointedError[]): ProblemError {
  const others = areOfNames(errors) ? 'invalid_name' : 'invalid_request'
  const code = errors[0]?.pointer === '/limit' ? 'invalid_limit' : others
  return new ProblemError(code, inWords(errors, 'query'), {
    errors: errors.map(({ pointer, detail }) => ({ pointer: `/query${pointer}`, detail })),
  })
}

function inWords(errors: PointedError[], part: string): string {
  const first = errors[0]
  if (first === undefined) return `the ${part} does not fit`
  const detail = `${dottedPath(first.pointer) || part}: ${first.detail}`
  return errors.length > 1 ? `${detail} (and ${errors.length - 1} more)` : detail
}
