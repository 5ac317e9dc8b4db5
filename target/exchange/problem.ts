import { type Problem, type ProblemCode, problems } from '../../contract/problem.ts'
import type { PointedError } from '../../core/check.ts'

export interface ProblemExtra {
  errors?: PointedError[]
  headers?: Record<string, string>
}

/** Thrown by whatever refuses a request; the error handler answers it as RFC 9457 `application/problem+json`. */
export class ProblemError extends Error {
  readonly code: ProblemCode
  readonly extra: ProblemExtra

  constructor(code: ProblemCode, detail: string, extra: ProblemExtra = {}) {
    super(detail)
    this.name = 'ProblemError'
    this.code = code
    this.extra = extra
  }

  get status(): number {
    return problems[this.code].status
  }
}

export const problemMediaType = 'application/problem+json'

export function problemDocument({ code, message, extra }: ProblemError): Problem {
  const { status, title } = problems[code]
  const { errors } = extra
  return {
    type: `urn:loadcell:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(errors !== undefined && { errors }),
  }
}
