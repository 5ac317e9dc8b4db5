import type { GraphqlError, GraphqlResult } from '../../scenario/graphql.ts'
import type { ExchangeFailure } from '../engine/failure.ts'
import type { ResponseHeaders } from '../engine/engine.ts'
import { decompressed, textOf } from '../message/content.ts'
import { DEFAULT_BODY_LIMIT_BYTES, type ReceivedBody } from '../message/received-body.ts'

/** Errors whose codes and paths are shown in an example. */
const MOST_SHOWN = 3

/** Reads the result in the answer to one request, and says why it is a failure. */
export class ResultJudge {
  result: GraphqlResult<unknown> = {}
  readonly #expectErrors: boolean
  readonly #bodyLimitBytes: number

  constructor(expectErrors = false, bodyLimitBytes = DEFAULT_BODY_LIMIT_BYTES) {
    this.#expectErrors = expectErrors
    this.#bodyLimitBytes = bodyLimitBytes
  }

  /** Returns undefined for a result as expected, and for an answer of an error status without a result, which its status explains. */
  judge(status: number, headers: ResponseHeaders, body: ReceivedBody): ExchangeFailure | 'as expected' | undefined {
    let result: unknown
    try {
      result = JSON.parse(textOf(decompressed(body.read(), headers, this.#bodyLimitBytes), headers))
    } catch (error) {
      if (status >= 400) return undefined
      return { reason: 'body', example: `expected a result of GraphQL: ${(error as Error).message}` }
    }
    if (!isResult(result)) {
      if (status >= 400) return undefined
      return { reason: 'body', example: 'expected a result of GraphQL, with data or errors' }
    }
    this.result = result
    if (result.errors === undefined) return undefined
    return this.#expectErrors ? 'as expected' : failureOf(result.errors)
  }
}

/** Returns the failure that errors in a result are. */
export function failureOf(errors: readonly GraphqlError[]): ExchangeFailure {
  const shown = errors.slice(0, MOST_SHOWN).map(shownError)
  const more = errors.length > shown.length ? ` and ${errors.length - shown.length} more` : ''
  return { reason: 'graphql_error', example: shown.join('; ') + more }
}

function shownError({ message, path, extensions }: GraphqlError): string {
  const place = Array.isArray(path) && path.length > 0 ? ` at ${path.join('.')}` : ''
  const code = extensions?.code
  return `${typeof code === 'string' ? code : 'error'}${place}: ${message}`
}

function isResult(value: unknown): value is GraphqlResult<unknown> {
  if (typeof value !== 'object' || value === null) return false
  const { errors } = value as GraphqlResult<unknown>
  if (errors !== undefined) return Array.isArray(errors) && errors.every(isError)
  return 'data' in value
}

function isError(value: unknown): value is GraphqlError {
  return typeof value === 'object' && value !== null && 'message' in value
}
