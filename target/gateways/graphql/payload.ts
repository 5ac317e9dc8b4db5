import { GraphQLError } from 'graphql'
import { GraphqlRequest } from '../../../contract/api/graphql.ts'
import { checker } from '../../../core/check.ts'

const request = checker(GraphqlRequest)

/** Returns the parameters of a request, or why they cannot be used. */
export function readRequest(value: unknown): GraphqlRequest | GraphQLError {
  if (Array.isArray(value))
    return refused(`expected one request as an object, got a batch of ${value.length}: batching is not supported`)
  if (request.check(value)) return value
  const errors = request.errors(value)
  return refused(
    errors.map(({ pointer, detail }) => `${pointer === '' ? 'the request' : pointer}: ${detail}`).join('; '),
  )
}

/** Returns the parameters in the query of a URL, where `variables` and `extensions` are JSON. */
export function readQuery(
  query: Readonly<Record<string, string | string[] | undefined>>,
): GraphqlRequest | GraphQLError {
  const { query: document, operationName, variables, extensions } = query
  const parsed: Record<string, unknown> = {}
  for (const [name, text] of Object.entries({ variables, extensions })) {
    if (text === undefined || text === '') continue
    try {
      parsed[name] = JSON.parse(String(text))
    } catch (error) {
      return refused(`/${name}: expected JSON of an object: ${(error as Error).message}`)
    }
  }
  return readRequest({
    query: document,
    ...(operationName !== undefined && operationName !== '' && { operationName }),
    ...parsed,
  })
}

function refused(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'invalid_request' } })
}
