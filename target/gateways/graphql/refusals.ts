import { GraphQLError } from 'graphql'
import { problems, type ProblemCode } from '../../../contract/problem.ts'
import { ProblemError } from '../../exchange/problem.ts'
import { SocketRefusal } from '../../protocols/refusal.ts'

/** Called with errors that are defects of the target. */
export type OnException = (error: unknown) => void

/** Returns an error of execution as clients see it: with a code of the API, and no words of an unexpected one. */
export function shownError(error: GraphQLError, onException: OnException): GraphQLError {
  const { originalError } = error
  if (originalError instanceof ProblemError) {
    const { code, extra, message } = originalError
    return rewritten(error, message, {
      code,
      status: problems[code].status,
      ...(extra.errors !== undefined && { errors: extra.errors }),
    })
  }
  if (originalError instanceof SocketRefusal)
    return rewritten(error, originalError.message, { code: originalError.code })
  // Errors of the library itself, about values that do not fit their type, have no cause or another of its own.
  if (originalError === undefined || originalError instanceof GraphQLError) return coded(error)
  onException(originalError)
  return rewritten(error, 'the target failed; see its log', { code: 'internal_error', status: 500 })
}

/** Adds the code of a refused document to an error that has none. */
export function coded(error: GraphQLError): GraphQLError {
  if (error.extensions['code'] !== undefined) return error
  return rewritten(error, error.message, { code: 'invalid_request' satisfies ProblemCode })
}

/** Returns a problem outside of any field. */
export function errorOf({ message, code }: Pick<ProblemError | SocketRefusal, 'message' | 'code'>): GraphQLError {
  return new GraphQLError(message, { extensions: { code } })
}

function rewritten(error: GraphQLError, message: string, extensions: Record<string, unknown>): GraphQLError {
  return new GraphQLError(message, {
    ...(error.nodes !== undefined && { nodes: error.nodes }),
    ...(error.path !== undefined && { path: error.path }),
    extensions: { ...error.extensions, ...extensions },
  })
}
